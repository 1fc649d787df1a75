/**
 * What threads run to show that no entry is ever held twice: each stamps what it allocates, fills it, and
 * finds stamp and filling unharmed when it frees it. For lists of any family.
 */
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  memory,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";

/** The bytes of an entry that the list itself writes while the entry is parked. */
const LINK_BYTES = 8;

/** A list that several threads use at once. */
export interface SharedList {
  readonly ticket: Ticket;
  readonly list: number;
  readonly family: "unified" | "nonpaged";
  /** Bytes of each entry: a multiple of 4, above the link and the stamp. */
  readonly size: number;
  readonly steps: number;
  /** Entries that a thread holds at most. */
  readonly heldMax: number;
  readonly seed: number;
}

/** What one thread did and saw. */
export interface Witness {
  readonly allocates: number;
  readonly frees: number;
  /** What must not be: an entry with another thread's stamp, or with bytes that are not this thread's. */
  readonly conflicts: readonly string[];
}

/** One thread's dealings with stamped entries. */
class Stamper {
  readonly conflicts: string[] = [];
  allocates = 0;
  frees = 0;
  readonly #held: number[] = [];
  readonly #given: SharedList;
  readonly #stamp: number;
  #words = new Int32Array(memory().buffer);

  constructor(given: SharedList, rank: number) {
    this.#given = given;
    this.#stamp = rank + 1;
  }

  get held(): number {
    return this.#held.length;
  }

  allocate(): void {
    const { list, family, size } = this.#given;
    const entry =
      family === "unified"
        ? ExAllocateFromLookasideListEx(list)
        : ExAllocateFromNPagedLookasideList(list);
    this.allocates++;
    if (entry + size > this.#words.byteLength) this.#words = new Int32Array(memory().buffer);
    const at = (entry + LINK_BYTES) / 4;
    const seen = Atomics.compareExchange(this.#words, at, 0, this.#stamp);
    if (seen !== 0) this.conflicts.push(`${entry} was held by ${seen - 1} when allocated`);
    this.#words.fill(this.#stamp, at + 1, (entry + size) / 4);
    this.#held.push(entry);
  }

  free(index: number): void {
    const { list, family, size } = this.#given;
    const [entry] = this.#held.splice(index, 1) as [number];
    const at = (entry + LINK_BYTES) / 4;
    for (let word = at + 1; word < (entry + size) / 4; word++) {
      if (this.#words[word] !== this.#stamp) this.conflicts.push(`${entry} was written by another`);
    }
    const seen = Atomics.compareExchange(this.#words, at, this.#stamp, 0);
    if (seen !== this.#stamp) this.conflicts.push(`${entry} was held by ${seen - 1} when freed`);
    this.frees++;
    if (family === "unified") ExFreeToLookasideListEx(list, entry);
    else ExFreeToNPagedLookasideList(list, entry);
  }
}

function step(stamper: Stamper, random: Random, heldMax: number): void {
  const full = stamper.held >= heldMax;
  if (stamper.held === 0 || (!full && random.int(2) === 0)) stamper.allocate();
  else stamper.free(random.int(stamper.held));
}

/** Allocates and frees at random among the others, stamps and checks, and frees what is left. */
export const stampAndCheck: CrewTask<SharedList, Witness> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  const random = randomFrom(data.seed + rank);
  const stamper = new Stamper(data, rank);
  barrier();
  for (let done = 0; done < data.steps; done++) step(stamper, random, data.heldMax);
  while (stamper.held > 0) stamper.free(0);
  shutdown();
  const { allocates, frees, conflicts } = stamper;
  return { allocates, frees, conflicts: conflicts.slice(0, 5) };
};
