/**
 * The live table of `lookaside top`: looks again and again, draws, obeys keys and signals, and leaves the
 * terminal as it found it.
 *
 * ```
 *   first look ──fails──► error, the screen is untouched
 *       │
 *       ▼
 *   screen entered ◄── continued (SIGCONT) ── suspended (Ctrl-Z)
 *       │  look ─► draw ─► wait ─┐             key, resize: draw
 *       │   ▲                    │             look fails: old table, trouble in the title
 *       │   └────────────────────┘
 *       ▼
 *   ended by q, Ctrl-C, a signal, or a defect: screen left, keys given back
 * ```
 */
import { writeSync } from "node:fs";
import { emitKeypressEvents } from "node:readline";
import type { Snapshot } from "../../system/index.js";
import { CommandFailed, EXIT } from "../failure.js";
import { fetchSnapshot } from "../observe/fetch-snapshot.js";
import type { Place } from "../observe/place.js";
import { sizeOf, wantsColor } from "../terminal/abilities.js";
import { painted, plain } from "../terminal/line.js";
import { Screen } from "../terminal/screen.js";
import { frame } from "./frame.js";
import { DepthHistory } from "./history.js";
import { type KeyPress, keyName } from "./key-names.js";
import { press, type TopState } from "./state.js";

/** One run. */
export class LiveTable {
  readonly #place: Place;
  readonly #screen = new Screen(process.stdout);
  readonly #history = new DepthHistory();
  readonly #ascii: boolean;
  readonly #color = wantsColor(process.stdout, process.env);
  #state: TopState;
  #now: Snapshot | null = null;
  #before: Snapshot | null = null;
  #trouble: string | null = null;
  #page = 1;
  #asking: AbortController | null = null;
  #timer: NodeJS.Timeout | undefined;
  #end: ((code: number) => void) | null = null;
  #fail: ((error: unknown) => void) | null = null;

  constructor(place: Place, state: TopState, ascii: boolean) {
    this.#place = place;
    this.#state = state;
    this.#ascii = ascii;
  }

  /** Runs until it is ended; gives back the exit code. @throws {CommandFailed} when the first look fails. */
  async run(): Promise<number> {
    this.#keep(await fetchSnapshot(this.#place));
    const { stdin, stdout } = process;
    const leave = (): void => this.#screen.leave();
    const key = (_text: string | undefined, pressed: KeyPress): void =>
      this.#guard(() => this.#press(pressed));
    const resize = (): void => {
      this.#screen.invalidate();
      this.#guard(() => this.#draw());
    };
    const resume = (): void => this.#guard(() => this.#resume());
    const signals = [
      ["SIGINT", EXIT.INTERRUPTED],
      ["SIGTERM", EXIT.TERMINATED],
    ] as const;
    const enders = signals.map(([signal, code]) => [signal, () => this.#end?.(code)] as const);
    const ended = new Promise<number>((end, fail) => {
      this.#end = end;
      this.#fail = fail;
    });
    process.on("exit", leave); // whatever else ends the process
    for (const [signal, ender] of enders) process.on(signal, ender);
    process.on("SIGCONT", resume);
    process.on("SIGHUP", this.#hangUp);
    stdout.on("error", this.#hangUp);
    stdout.on("resize", resize);
    if (stdin.isTTY) {
      emitKeypressEvents(stdin);
      stdin.on("keypress", key);
    }
    try {
      this.#resume();
      this.#lookIn(this.#state.intervalMs);
      return await ended;
    } finally {
      clearTimeout(this.#timer);
      this.#end = null;
      this.#fail = null;
      this.#asking?.abort();
      stdin.off("keypress", key);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      stdout.off("resize", resize);
      process.off("SIGCONT", resume);
      process.off("SIGHUP", this.#hangUp);
      stdout.off("error", this.#hangUp);
      for (const [signal, ender] of enders) process.off(signal, ender);
      leave();
      process.off("exit", leave);
    }
  }

  /**
   * The terminal has gone, or whoever sends SIGHUP says so. The process ends by the signal itself: at any
   * other end Node sets the terminal's mode, and aborts when it has gone.
   */
  readonly #hangUp = (): void => {
    try {
      writeSync(1, this.#screen.farewell);
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
    } catch {
      // It has gone.
    }
    process.off("SIGHUP", this.#hangUp);
    process.kill(process.pid, "SIGHUP");
    this.#end?.(EXIT.HUNG_UP); // where the signal is ignored
  };

  /** A defect ends the run, and so gives the terminal back before its trace is printed. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail?.(error);
    }
  }

  #resume(): void {
    const { stdin } = process;
    this.#screen.enter();
    this.#screen.invalidate();
    if (stdin.isTTY) stdin.setRawMode(true).resume();
    this.#draw();
  }

  #suspend(): void {
    const { stdin } = process;
    this.#screen.leave();
    if (stdin.isTTY) stdin.setRawMode(false);
    process.kill(process.pid, "SIGTSTP");
  }

  #press(pressed: KeyPress): void {
    const [state, action] = press(this.#state, keyName(pressed), this.#page);
    this.#state = state;
    switch (action) {
      case "end":
        this.#end?.(EXIT.OK);
        return;
      case "interrupt":
        this.#end?.(EXIT.INTERRUPTED);
        return;
      case "suspend":
        this.#suspend();
        return;
      case "redraw":
        this.#screen.invalidate();
        break;
      case "look":
        this.#lookIn(0);
        break;
      case "pace":
        this.#lookIn(state.intervalMs);
        break;
    }
    this.#draw();
  }

  /** Looks again after a while, and not before. */
  #lookIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#look().catch((error: unknown) => this.#fail?.(error));
    }, milliseconds);
  }

  async #look(): Promise<void> {
    if (this.#state.paused || this.#end === null || this.#asking !== null) return;
    this.#asking = new AbortController();
    const begun = performance.now();
    try {
      const now = await fetchSnapshot(this.#place, this.#asking);
      if (this.#state.paused) return;
      this.#keep(now);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      this.#trouble = error.message;
    } finally {
      this.#asking = null;
    }
    if (this.#end === null) return;
    this.#draw();
    this.#lookIn(Math.max(0, this.#state.intervalMs - (performance.now() - begun)));
  }

  #keep(now: Snapshot): void {
    this.#trouble = null;
    this.#before = this.#now;
    this.#now = now;
    this.#history.note(now);
  }

  #draw(): void {
    const now = this.#now;
    if (now === null) return;
    const { columns, rows } = sizeOf(process.stdout);
    const sight = {
      from: this.#place.asked,
      now,
      before: this.#before,
      history: this.#history,
      trouble: this.#trouble,
    };
    const drawn = frame(sight, this.#state, { columns, rows, ascii: this.#ascii });
    this.#state = { ...this.#state, offset: drawn.offset };
    this.#page = drawn.page;
    this.#screen.draw(drawn.lines.map(this.#color ? painted : plain));
  }
}
