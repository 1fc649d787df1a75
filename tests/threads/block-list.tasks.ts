/**
 * What the threads of block-list.test.ts do.
 */
import { type Block, type BlockListStatistics, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";
import { randomFrom } from "../support/seed.js";

export interface Orders {
  readonly ticket: Ticket;
  readonly steps: number;
  readonly seed: number;
  /** Handles in flight from rank to rank + 1: a lane of 16 words pairs for each rank. */
  readonly lanes: SharedArrayBuffer;
}

export const LANE = 16;

/** The cookie of a holder: written over the whole block, and looked at before it is freed or handed on. */
function stamp(block: Block, cookie: number): void {
  block.bytes.fill(cookie & 0xff);
}

function verify(block: Block, cookie: number): void {
  const { bytes } = block;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== (cookie & 0xff))
      throw new Error(`block 0x${block.address.toString(16)} changed under its holder`);
  }
}

/** Allocates, frees, and hands blocks round in a ring of threads. */
export const churn: CrewTask<Orders, BlockListStatistics> = ({ rank, threads, data, barrier }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList({ tag: "Chrn", size: 64, maximumDepth: 200 });
  const random = randomFrom(data.seed + rank);
  const lanes = new Float64Array(data.lanes);
  const gates = new Int32Array(data.lanes, threads * LANE * 8);
  const held: { block: Block; cookie: number }[] = [];
  barrier();
  for (let step = 0; step < data.steps; step++) {
    const dice = random.int(100);
    if (dice < 45) {
      const block = list.allocate();
      if (block === null) continue;
      const cookie = random.next();
      stamp(block, cookie);
      held.push({ block, cookie });
    } else if (dice < 85) {
      const at = random.int(held.length + 1);
      const [one] = held.splice(at, 1);
      if (one === undefined) continue;
      verify(one.block, one.cookie);
      one.block.free();
    } else {
      passOn(rank, threads, random.int(LANE));
    }
  }
  for (const { block, cookie } of held) {
    verify(block, cookie);
    block.free();
  }
  barrier();
  for (let slot = 0; slot < LANE; slot++) receive(rank, slot)?.free();
  barrier();
  const statistics = list.statistics();
  barrier();
  system.detach();
  return statistics;

  function passOn(from: number, count: number, slot: number): void {
    const mine = receive(from, slot);
    if (mine !== null) held.push({ block: mine, cookie: mine.bytes[0] as number });
    const one = held.pop();
    if (one === undefined) return;
    verify(one.block, one.cookie);
    const gate = ((from + 1) % count) * LANE + slot;
    if (Atomics.compareExchange(gates, gate, 0, 1) !== 0) {
      // tidy: the test's own lane, not the library's memory
      held.push(one);
      return;
    }
    lanes[gate] = one.block.handle;
    Atomics.store(gates, gate, 2); // tidy: as above
  }

  function receive(to: number, slot: number): Block | null {
    const gate = to * LANE + slot;
    if (Atomics.compareExchange(gates, gate, 2, 3) !== 2) return null; // tidy: as above
    const block = list.adopt(list.handleFrom(lanes[gate]));
    Atomics.store(gates, gate, 0); // tidy: as above
    return block;
  }
};
