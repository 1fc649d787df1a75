/**
 * What the threads of depth.test.ts do: bursts of random size, ticks in between, until they are ended or
 * told to leave.
 */
import { type Block, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";

export interface Orders {
  readonly ticket: Ticket;
  readonly seed: number;
  readonly steps: number;
}

/** Lists that grow and release all the time: small batches, blocks idle after one tick. */
export const LISTS = [
  { tag: "One ", size: 64, maximumDepth: 300, batch: 4, policy: { name: "idle", idleTicks: 1 } },
  { tag: "Two ", size: 48, maximumDepth: 90, batch: 1, policy: { name: "idle", idleTicks: 2 } },
] as const;

/** Takes a burst from a list, stamps it, looks at the stamps and gives it back. */
function burst(system: System, random: Random, cookie: number): void {
  const list = system.blockList(random.pick(LISTS));
  const held: Block[] = [];
  for (let count = random.int(60); count > 0; count--) {
    const block = list.allocate();
    if (block === null) break;
    block.bytes.fill(cookie);
    held.push(block);
  }
  if (random.int(4) === 0) system.tick();
  for (const block of held) {
    if (block.bytes.some((byte) => byte !== cookie)) throw new Error("a block was held twice");
    if (random.int(8) === 0) void block.handle; // its free is a compare-exchange
    block.free();
  }
}

/** A number of bursts with ticks, then leaves in peace. */
export const churn: CrewTask<Orders, void> = ({ rank, data, barrier }) => {
  const system = System.attach(data.ticket);
  const random = randomFrom(data.seed + rank);
  barrier();
  for (let step = 0; step < data.steps; step++) burst(system, random, rank + 1);
  system.detach();
};

/** The same for ever. Raises gate `rank` after every burst. */
export const work: CrewTask<Orders, void> = ({ rank, data, gates }) => {
  const system = System.attach(data.ticket);
  const random = randomFrom(data.seed + rank);
  for (;;) {
    burst(system, random, rank + 1);
    system.tick();
    gates.raise(rank);
  }
};
