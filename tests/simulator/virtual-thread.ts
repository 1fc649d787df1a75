/**
 * A virtual thread: a plain function that runs for a few accesses to shared memory at a time.
 *
 * A function cannot be left and come back to. So it is left by a throw at the access that is one too many,
 * and run again from its start when it is its turn: what it had read is answered from its log, and with the
 * same answers it comes to the same place. That is also why it can be ended at any access: it is not run
 * again.
 *
 * The rules for the function: it reaches shared memory through the door only, and does the same whenever it
 * reads the same.
 */
import { KIND, perform, type Value } from "../interleaving/explorer/access.js";
import { type Gate, through } from "../interleaving/explorer/door.js";
import type { SharedWords } from "../interleaving/explorer/shared-words.js";

/** Thrown through the function to leave it. Code that catches it meets it again at its next access. */
class Left extends Error {}

const LEFT = new Left("left");

/** How a turn ended. */
export const TURN = { LEFT: 0, ASLEEP: 1, OVER: 2 } as const;

/** Told of every access that is done, and not of those that are answered from the log. */
export type Witness = (thread: VirtualThread, kind: number, index: number, value: Value) => void;

/** One function and how far it has come. */
export class VirtualThread implements Gate {
  readonly place: number;
  readonly #program: () => void;
  readonly #memory: SharedWords;
  readonly #witness: Witness;
  /** What each access gave back, and which it was. */
  readonly #values: Value[] = [];
  readonly #accesses: number[] = [];
  #at = 0;
  #budget = 0;
  #isLeft = false;
  #divergence: Error | null = null;
  /** The word it sleeps on, and what that must no longer be; -1: it is awake. */
  sleepsOn = -1;
  sleepsWhile = 0;

  constructor(place: number, program: () => void, memory: SharedWords, witness: Witness) {
    this.place = place;
    this.#program = program;
    this.#memory = memory;
    this.#witness = witness;
  }

  /** Accesses done so far. */
  get steps(): number {
    return this.#values.length;
  }

  /** Runs it for up to `budget` accesses. Throws what the function throws. */
  run(budget: number): number {
    this.#at = 0;
    this.#budget = budget;
    this.#isLeft = false;
    let trouble: unknown = null;
    try {
      through(this, this.#program);
    } catch (error) {
      trouble = error;
    }
    if (this.#divergence !== null) throw this.#divergence;
    if (this.#isLeft) return this.sleepsOn >= 0 ? TURN.ASLEEP : TURN.LEFT;
    if (trouble !== null) throw trouble;
    if (this.#at < this.#values.length) this.#diverge("ended earlier than it did before");
    return TURN.OVER;
  }

  /** Ends its sleep: the next turn goes on behind it. */
  awake(): void {
    this.#note(KIND.WAIT, this.sleepsOn, 0);
    this.sleepsOn = -1;
  }

  access(kind: number, index: number, a: Value, b: Value): Value {
    if (this.#isLeft) throw LEFT;
    if (this.#at < this.#values.length) {
      if (this.#accesses[this.#at] !== index * 32 + kind)
        this.#diverge("did something else although it read the same");
      return this.#values[this.#at++] as Value;
    }
    if (this.#budget-- <= 0) this.#leave();
    if (kind === KIND.WAIT && this.#memory.read(index) === a) {
      this.sleepsOn = index;
      this.sleepsWhile = a as number;
      this.#leave();
    }
    const value = perform(this.#memory, kind, index, a, b);
    this.#note(kind, index, value);
    this.#at++;
    return value;
  }

  #note(kind: number, index: number, value: Value): void {
    this.#values.push(value);
    this.#accesses.push(index * 32 + kind);
    this.#witness(this, kind, index, value);
  }

  #leave(): never {
    this.#isLeft = true;
    throw LEFT;
  }

  #diverge(what: string): never {
    this.#divergence = new Error(`virtual thread ${this.place} ${what}`);
    this.#isLeft = true;
    throw LEFT;
  }
}
