/**
 * What the threads of blocks.test.ts do: take blocks, send them to each other, receive them and free them,
 * each call recorded, until they are told to leave or are ended.
 */
import { type Block, System, type Ticket } from "lookaside";
import { load } from "#src/memory/index.js";
import { generationOf, stateIndex } from "#src/pool/index.js";
import type { CrewTask } from "../support/crew.js";
import { randomFrom } from "../support/seed.js";
import { Lane, type Recording } from "./recorder.js";

/** Kinds of recorded calls, by number. The extra word of the last two is the number that is in the block. */
export const KINDS = ["allocate", "free", "send", "receive"] as const;

export const LIST = { tag: "Hist", size: 64, maximumDepth: 24, batch: 3 } as const;
export const CHANNEL = { name: "histories", capacity: 8 } as const;

export interface Orders {
  readonly ticket: Ticket;
  readonly recording: Recording;
  readonly seed: number;
  /** How many of the threads will be ended. */
  readonly ended: number;
}

/** Gate raised by each thread after each hundred steps; gate 0 tells all to leave. */
export const PROGRESS = 1;

/** What a thread raises its gate by when it records no more. */
export const STOPPED = 1_000_000;

/** Blocks that a thread holds at most. */
const HELD_MAX = 12;

export const juggle: CrewTask<Orders, number> = ({ rank, threads, data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const channel = list.through(system.channel(CHANNEL));
  const random = randomFrom(data.seed + rank);
  const lane = new Lane(data.recording, rank);
  const held: Block<"Hist">[] = [];
  let sent = 0;

  const { region } = system;
  /** The generation of a held block, from its state: to ask for its handle would change that. */
  const generation = ({ address }: Block<"Hist">): number =>
    generationOf(load(region.words, stateIndex(region, address)));
  const free = (block: Block<"Hist">): void => {
    lane.begin(1, block.address, 0, generation(block));
    block.free();
    lane.end(block.address);
  };
  const steps = [
    () => {
      if (held.length >= HELD_MAX) return;
      lane.begin(0);
      const block = list.allocate();
      if (block === null) return lane.forget();
      lane.end(block.address, 0, generation(block));
      held.push(block);
    },
    () => {
      const [block] = held.splice(random.int(held.length + 1), 1);
      if (block !== undefined) free(block);
    },
    () => {
      const block = held.at(-1);
      if (block === undefined) return;
      const number = (rank + 1) * 2 ** 24 + ++sent;
      new DataView(block.bytes.buffer, block.address).setInt32(0, number);
      lane.begin(2, block.address, number);
      if (!channel.send(block)) return lane.forget();
      lane.end(block.address, number);
      held.pop();
    },
    () => {
      if (held.length >= HELD_MAX) return;
      lane.begin(3);
      const block = channel.receive();
      if (block === null) return lane.forget();
      const number = new DataView(block.bytes.buffer, block.address).getInt32(0);
      lane.end(block.address, number, generation(block));
      held.push(block);
    },
  ];

  for (let step = 1; gates.read(0) === 0 && lane.hasRoom; step++) {
    random.pick(steps)();
    if (step % 100 === 0) gates.raise(PROGRESS + rank);
  }
  gates.raise(PROGRESS + rank, STOPPED);
  // What is given back from now on is not recorded, so nobody may take it any more: not those who are to be
  // ended, who are when gate 0 is raised, and not the others.
  gates.wait(0);
  for (let other = data.ended; other < threads; other++) gates.wait(PROGRESS + other, STOPPED);
  for (const block of held) block.free();
  system.detach();
  return sent;
};
