/**
 * Progress on standard error: a bar on a terminal, a plain line now and then elsewhere.
 *
 * The bar is drawn by a timer, at most ten times a second, and only if the event loop turns; nothing on
 * the way of the data draws. It is ASCII, so its width in columns is its length, and it never fills the
 * last column, where some terminals would wrap.
 */
import { counted, megabytesPerSecond, showBytes } from "./amounts.js";

/** Where progress is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a run has done so far, and what it has to do. */
export interface Standing {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  /** 0 when unknown. */
  readonly bytesTotal: number;
  readonly seconds: number;
}

const DRAW_MS = 100;
const PLAIN_MS = 10_000;
const BAR_COLUMNS_MIN = 10;
const BAR_COLUMNS_MAX = 40;
const ERASE = "\r\x1b[K";

/** Whether a stream is a terminal on which a line can be drawn again. */
export function isTerminal(
  stream: ProgressStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** Progress of one run. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #terminal: boolean;
  readonly #color: boolean;
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(stream: ProgressStream, env: Readonly<Record<string, string | undefined>>) {
    this.#stream = stream;
    this.#terminal = isTerminal(stream, env);
    this.#color = this.#terminal && !env["NO_COLOR"];
  }

  /** Prints a line of its own; the bar comes back when it is drawn next. */
  line(text: string): void {
    this.#stream.write(`${this.#erase()}${text}\n`);
  }

  /** Shows from now on how things stand, until `end`. */
  start(standing: () => Standing): void {
    this.end();
    const show = this.#terminal
      ? () => this.#draw(standing())
      : () => this.line(summary(standing()));
    this.#timer = setInterval(show, this.#terminal ? DRAW_MS : PLAIN_MS).unref();
  }

  /** Shows nothing any more. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#drawn) this.#stream.write(this.#erase());
  }

  #draw(standing: Standing): void {
    const columns = (this.#stream.columns || 80) - 1;
    this.#stream.write(`${this.#erase()}${barLine(standing, columns, this.#color)}`);
    this.#drawn = true;
  }

  #erase(): string {
    const erase = this.#drawn ? ERASE : "";
    this.#drawn = false;
    return erase;
  }
}

function shareOf(standing: Standing): number {
  const { bytes, bytesTotal, files, filesTotal } = standing;
  const share = bytesTotal > 0 ? bytes / bytesTotal : filesTotal > 0 ? files / filesTotal : 0;
  return Math.min(1, share); // files may have grown since they were measured
}

function summary(standing: Standing): string {
  const { files, filesTotal, bytes, seconds } = standing;
  const rate = megabytesPerSecond(bytes, seconds).toFixed(0);
  return `${files} of ${counted(filesTotal, "file")}, ${showBytes(bytes)}, ${rate} MB/s`;
}

/** One line of at most `columns` columns: bar, percent, summary; less of it when there is little room. */
export function barLine(standing: Standing, columns: number, color: boolean): string {
  const share = shareOf(standing);
  const text = `${Math.floor(share * 100)}`.padStart(3);
  const right = ` ${text} %  ${summary(standing)}`;
  const cells = Math.min(BAR_COLUMNS_MAX, columns - right.length - 2);
  if (cells < BAR_COLUMNS_MIN) return right.trimStart().slice(0, Math.max(0, columns));
  const full = Math.floor(share * cells);
  const done = "#".repeat(full);
  const bar = color && full > 0 ? `\x1b[32m${done}\x1b[39m` : done;
  return `[${bar}${"-".repeat(cells - full)}]${right}`;
}
