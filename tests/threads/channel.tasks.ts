/**
 * What the threads of channel.test.ts and channel-death.test.ts do.
 */
import { type Block, type BlockChannel, type BlockList, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";

/** How a thread waits. */
export type Manner = "try" | "block" | "await";

export interface Orders {
  readonly ticket: Ticket;
  readonly capacity: number;
  readonly producers: number;
  readonly values: number;
  readonly manner: Manner;
}

/** What a consumer saw: how many of each producer's values, their sum, and whether they came in order. */
export interface Seen {
  readonly counts: number[];
  readonly sum: number;
  readonly ordered: boolean;
}

/** Values of a producer: rank in the high part, so that a torn value is no value at all. */
const RANK = 2 ** 40;

/** The first ranks push `values` values each and then say so at gate 0; the others pop until the end. */
export const stream: CrewTask<Orders, Seen> = async ({ rank, data, barrier, gates }) => {
  const system = System.attach(data.ticket);
  const channel = system.channel({ name: "stream", capacity: data.capacity });
  const { producers, values, manner } = data;
  const last = new Array<number>(producers).fill(-1);
  const seen = { counts: new Array<number>(producers).fill(0), sum: 0, ordered: true };
  const take = (value: number): void => {
    const from = Math.floor(value / RANK);
    const number = value % RANK;
    seen.ordered &&= number > (last[from] as number);
    last[from] = number;
    seen.counts[from] = (seen.counts[from] as number) + 1;
    seen.sum += number;
  };
  barrier();
  if (rank < producers) {
    for (let number = 0; number < values; number++) {
      const value = rank * RANK + number;
      if (manner === "block") channel.pushBlocking(value);
      else if (manner === "await") await channel.pushAsync(value);
      else while (!channel.push(value));
    }
    if (gates.raise(0) === producers) channel.close();
  } else if (manner === "await") {
    for await (const value of channel) take(value);
  } else if (manner === "block") {
    for (let value = channel.popBlocking(); value !== null; value = channel.popBlocking())
      take(value);
  } else {
    while (!channel.drained) {
      for (let value = channel.pop(); value !== null; value = channel.pop()) take(value);
    }
  }
  system.detach();
  return seen;
};

export interface LaneOrders {
  readonly ticket: Ticket;
  readonly seed: number;
  readonly manner: Manner;
}

export const LIST = { tag: "Lane", size: 64, maximumDepth: 40, batch: 4 } as const;
export const CHANNEL = { name: "lane", capacity: 16 } as const;

/** Gate raised by each member for each hundred steps that it has done. */
export const PROGRESS = 1;

function verify(block: Block): void {
  const [cookie] = block.bytes;
  if (block.bytes.some((byte) => byte !== cookie)) throw new Error("a block was held twice");
}

/** One step: sends a block with a cookie from end to end, or receives one and looks at it. */
async function step(
  list: BlockList,
  lane: BlockChannel,
  random: Random,
  manner: Manner,
): Promise<void> {
  if (random.int(2) === 0) {
    const block = list.allocate();
    if (block === null) return;
    block.bytes.fill(random.int(256));
    const isSent =
      manner === "try"
        ? lane.send(block)
        : manner === "block"
          ? lane.sendBlocking(block, 1)
          : await lane.sendAsync(block, { timeoutMs: 1 });
    if (!isSent) block.free();
    return;
  }
  const block =
    manner === "try"
      ? lane.receive()
      : manner === "block"
        ? lane.receiveBlocking(1)
        : await lane.receiveAsync({ timeoutMs: 1 });
  if (block === null) return;
  verify(block);
  block.free();
}

/** Sends and receives until gate 0 is raised, then leaves in peace; many are ended before. */
export const exchange: CrewTask<LaneOrders, void> = async ({ rank, data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  const random = randomFrom(data.seed + rank);
  for (let steps = 1; gates.read(0) === 0; steps++) {
    await step(list, lane, random, data.manner);
    if (steps % 100 === 0) gates.raise(PROGRESS + rank);
  }
  system.detach();
};

/** Sends ten blocks, each with its number in it, and is ended with three more in its hands. */
export const sendAndEnd: CrewTask<LaneOrders, void> = ({ data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  for (let sent = 0; sent < 13; sent++) {
    const block = list.allocate();
    if (block === null) throw new Error("no room");
    block.bytes.fill(sent);
    if (sent < 10 && !lane.send(block)) throw new Error("no room in the channel");
  }
  gates.raise(0);
  gates.wait(15); // ended here
};

/** Waits for a block that never comes: blocked, until it is ended. */
export const waitForEver: CrewTask<LaneOrders, void> = ({ data, gates }) => {
  const system = System.attach(data.ticket);
  const lane = system.blockList(LIST).through(system.channel(CHANNEL));
  gates.raise(0);
  lane.receiveBlocking();
};
