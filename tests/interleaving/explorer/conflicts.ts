/**
 * Which words threads can meet in, and so which steps need no other thread's step tried before them.
 *
 * A step whose word no thread that can still run ever touches in conflict (one of the two may write)
 * commutes with every step of all others. So it is enough to try it first, and alone. Which words are
 * touched by whom is not declared but learned: the search notes every access, and a pass that took a step
 * for its thread's own which another thread turned out to conflict with is thrown away and done again,
 * knowing better. The last pass made no such mistake. (Why that is enough: take the shortest schedule of
 * the whole space with a conflict that was not noted. All its steps before were independent of the step
 * that was put first, so they can be taken after it too; then the search has taken them, and has noted
 * the conflict.)
 *
 * Threads are told apart by *roles*, one bit each. Whoever recovers thread t has a role of its own,
 * because it runs only after t's end and so conflicts with all but t.
 */
import { mayChange, widthOf } from "./access.js";

/** What roles do to each word. */
export class Conflicts {
  readonly #readers: Uint16Array;
  readonly #writers: Uint16Array;
  /** Roles that took a word for their own in this pass: for any access, and for a write. */
  readonly #trusted: Uint16Array;
  readonly #trustedToWrite: Uint16Array;
  #touched: number[] = [];
  /** Whether this pass trusted in something that was not so. */
  mistaken = false;

  constructor(words: number) {
    this.#readers = new Uint16Array(words);
    this.#writers = new Uint16Array(words);
    this.#trusted = new Uint16Array(words);
    this.#trustedToWrite = new Uint16Array(words);
  }

  /** Begins a pass. What was learned stays. */
  begin(): void {
    this.mistaken = false;
    for (const index of this.#touched) {
      this.#trusted[index] = 0;
      this.#trustedToWrite[index] = 0;
    }
    this.#touched = [];
  }

  /** Notes an access of a role; `apart` are the roles that never run beside it. */
  note(kind: number, index: number, role: number, apart: number): void {
    const writes = mayChange(kind);
    for (let at = index; at < index + widthOf(kind); at++) {
      const table = writes ? this.#writers : this.#readers;
      const known = table[at] as number;
      if ((known & role) !== 0) continue;
      table[at] = known | role;
      const trusted = (writes ? this.#trusted : this.#trustedToWrite)[at] as number;
      if ((trusted & ~role & ~apart) !== 0) this.mistaken = true;
    }
  }

  /** Whether one role alone has touched a word so far, or nobody has written it. */
  isPrivate(index: number): boolean {
    const writers = this.#writers[index] as number;
    const all = writers | (this.#readers[index] as number);
    return writers === 0 || (all & (all - 1)) === 0;
  }

  /** Whether no role of `others` conflicts with an access. If so, `role` is known to have trusted in it. */
  isOwn(kind: number, index: number, role: number, others: number): boolean {
    const width = widthOf(kind);
    for (let at = index; at < index + width; at++) {
      const writers = this.#writers[at] as number;
      const against = mayChange(kind) ? writers | (this.#readers[at] as number) : writers;
      if ((against & others) !== 0) return false;
    }
    for (let at = index; at < index + width; at++) {
      if (this.#trusted[at] === 0) this.#touched.push(at);
      this.#trusted[at] = (this.#trusted[at] as number) | role;
      if (mayChange(kind)) this.#trustedToWrite[at] = (this.#trustedToWrite[at] as number) | role;
    }
    return true;
  }
}
