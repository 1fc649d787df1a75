/**
 * Several actions that may each throw, none of which may keep the others from being done.
 */

/** Runs actions one after the other, and throws the first fault when all had their turn. */
export class Faults {
  readonly #seen: unknown[] = [];

  /** Runs one, and notes what it throws. */
  run(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#seen.push(error);
    }
  }

  /** Throws the first fault, if there was one. */
  raise(): void {
    if (this.#seen.length > 0) throw this.#seen[0];
  }
}
