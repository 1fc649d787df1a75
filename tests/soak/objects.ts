/** The object lists of a soak: one of each thread, ticked and budgeted by the system like all others. */
import type { ObjectList, System } from "lookaside";
import type { Random } from "../support/seed.js";

/** An object that knows whether it is held. */
interface Thing {
  isHeld: boolean;
  isGone: boolean;
}

const HELD_MAX = 60;

/** One thread's part. */
export class ObjectPart {
  readonly #list: ObjectList<Thing>;
  readonly #random: Random;
  readonly #held: Thing[] = [];

  constructor(system: System, random: Random) {
    this.#random = random;
    this.#list = system.objectList<Thing>({
      tag: "SokO",
      bytes: 2_000,
      maximumDepth: 50,
      create: () => ({ isHeld: false, isGone: false }),
      destroy: (thing) => {
        if (thing.isHeld || thing.isGone) throw new Error("an object was destroyed that is in use");
        thing.isGone = true;
      },
    });
  }

  step(): void {
    const dice = this.#random.int(100);
    if (dice < 50) this.#allocate();
    else if (dice < 98) this.#free();
    else this.#list.trim();
  }

  #allocate(): void {
    if (this.#held.length >= HELD_MAX) return;
    const thing = this.#list.allocate();
    if (thing === null) return;
    if (thing.isHeld || thing.isGone) throw new Error("an object was given out that is in use");
    thing.isHeld = true;
    this.#held.push(thing);
  }

  #free(): void {
    const [thing] = this.#held.splice(this.#random.int(this.#held.length + 1), 1);
    if (thing === undefined) return;
    thing.isHeld = false;
    this.#list.free(thing);
  }

  /** Gives everything back, and ends the list. */
  leave(): void {
    while (this.#held.length > 0) this.#free();
    const { held, parked, depth } = this.#list.statistics();
    if (held !== 0 || parked > depth) throw new Error(`an object list holds ${held} of nobody's`);
    this.#list.delete();
  }
}
