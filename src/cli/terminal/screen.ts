/**
 * A terminal's other screen, drawn line by line: only lines that differ from what is there are sent.
 *
 * Every line has exactly as many columns as the terminal and automatic wrapping is off, so nothing has to be
 * erased and nothing scrolls. Whatever happens, `leave` gives back the screen, cursor and wrapping that
 * were there before; it may be called at any time, and twice.
 */

/** Where a screen is written to. */
export interface Sink {
  write(text: string): unknown;
}

// Alternate screen; cursor hidden; no wrapping. And back, in the opposite order.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const CLEAR = "\x1b[H\x1b[2J";

/** One terminal's other screen. */
export class Screen {
  readonly #sink: Sink;
  #drawn: readonly string[] | null = null;
  #entered = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Shows the other screen. */
  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#drawn = null;
    this.#sink.write(ENTER);
  }

  /** Shows what was there before. */
  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#sink.write(LEAVE);
  }

  /** What gives back the screen, if it was entered: for those who cannot wait for a stream. */
  get farewell(): string {
    return this.#entered ? LEAVE : "";
  }

  /** Forgets what is drawn: the next drawing begins with an empty screen. */
  invalidate(): void {
    this.#drawn = null;
  }

  /** Shows lines from the top; each must fill its row. */
  draw(lines: readonly string[]): void {
    if (!this.#entered) return;
    const before = this.#drawn;
    let text = before === null || before.length !== lines.length ? CLEAR : "";
    const known = text === "" ? before : null;
    lines.forEach((line, row) => {
      if (known?.[row] !== line) text += `\x1b[${row + 1};1H${line}`;
    });
    this.#drawn = lines;
    if (text !== "") this.#sink.write(text);
  }
}
