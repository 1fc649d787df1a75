/**
 * What the threads of death.test.ts do until they are ended at whatever instruction they are.
 */
import { type Block, type BlockList, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";

export interface Orders {
  readonly ticket: Ticket;
  readonly seed: number;
}

/** A list whose slow paths are never far: small batches, a depth that is often passed. */
export const LIST = { tag: "Dead", size: 64, maximumDepth: 60, batch: 4 } as const;

/** One random step; every held block bears its holder's cookie from end to end. */
function step(list: BlockList, held: Block[], random: Random, cookie: number): void {
  if (random.int(2) === 0 && held.length < 300) {
    const block = list.allocate();
    if (block === null) return;
    block.bytes.fill(cookie);
    held.push(block);
    return;
  }
  const [block] = held.splice(random.int(held.length + 1), 1);
  if (block === undefined) return;
  if (block.bytes.some((byte) => byte !== cookie)) throw new Error("a block was held twice");
  if (random.int(8) === 0) void block.handle; // its free is a compare-exchange
  block.free();
}

/** Works for ever: hits, spills, refills, misses. Raises gate `rank` every hundred steps. */
export const work: CrewTask<Orders, void> = ({ rank, data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const random = randomFrom(data.seed + rank);
  const held: Block[] = [];
  for (let steps = 1; ; steps++) {
    step(list, held, random, rank + 1);
    if (steps % 100 === 0) gates.raise(rank);
  }
};

/** Works until gate 15 is raised, then leaves in peace; the first member works for ever. */
export const outlive: CrewTask<Orders, number> = ({ rank, data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const random = randomFrom(data.seed + rank);
  const held: Block[] = [];
  let steps = 0;
  while (rank === 0 || gates.read(15) === 0) {
    step(list, held, random, rank + 1);
    if (++steps % 100 === 0) gates.raise(rank);
  }
  for (const block of held) block.free();
  system.detach();
  return steps;
};

/** Takes 20 blocks, tells their handles, and is ended before it frees them. */
export const abandon: CrewTask<Orders & { readonly handles: SharedArrayBuffer }, void> = ({
  data,
  gates,
}) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const handles = new Float64Array(data.handles);
  for (let at = 0; at < handles.length; at++) {
    const block = list.allocate();
    if (block === null) throw new Error("no room");
    block.bytes.fill(at);
    handles[at] = block.handle;
  }
  gates.raise(0);
  gates.wait(1); // ended here
};
