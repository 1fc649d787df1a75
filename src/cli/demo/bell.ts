/**
 * What the reading side waits on: a bell that wakes everyone who waits for it.
 *
 * Waiters look again for themselves after each ring: a ring says that something has changed, not what.
 */

/** A bell of the main thread. */
export class Bell {
  #waiting: (() => void)[] = [];

  /** Settles at the next ring. */
  wait(): Promise<void> {
    return new Promise((settle) => {
      this.#waiting.push(settle);
    });
  }

  /** Wakes everyone who waits now, in the order of their coming. */
  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
