/**
 * How long the main thread works before it lets the event loop turn.
 *
 * Files are read synchronously: that is the fastest way for the many small ones. But answers of the
 * workers, the bar and Ctrl-C all come through the event loop, so whoever works in a loop asks here.
 */
import { setImmediate } from "node:timers/promises";

const WORK_MS_MAX = 15;

/** The pace of one run. */
export class Pace {
  #since = performance.now();

  /** Whether it is time to rest. */
  get due(): boolean {
    return performance.now() - this.#since > WORK_MS_MAX;
  }

  /** Lets the event loop turn once. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
