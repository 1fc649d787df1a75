/**
 * What threads of block-list scenarios do, letter by letter: see {@link STEPS}.
 */
import type { Channel } from "#src/channel/index.js";
import type { Block, BlockChannel, BlockList } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import type { Voice } from "../explorer/index.js";
import type { Machine } from "../stage/machine.js";

/** One thread's program while it runs. */
export interface Runner {
  readonly machine: Machine;
  readonly region: Region;
  readonly pool: Pool;
  readonly voice: Voice;
  readonly place: number;
  readonly open: () => BlockList;
  /** Until one was opened there is none, and then no step but `o` is done. */
  list: BlockList;
  readonly channel: Channel | null;
  /** Whether a list may go, and another one come that has its name and number. */
  readonly renews: boolean;
  readonly held: Block[];
  /** What it has adopted: address and generation of each. */
  readonly adopted: string[];
}

/** A letter of a program. */
export interface Step {
  readonly note: string;
  readonly act: (runner: Runner) => void;
}

/** No list. */
export const NONE = null as unknown as BlockList;

function isRefusal(error: unknown, codes: readonly string[]): boolean {
  return codes.includes((error as { code?: string }).code ?? "");
}

function unlessDeleted(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isRefusal(error, ["ERR_LIST_DELETED"])) throw error;
  }
}

/** The block, or null when there is no room, or no list any more. */
function allocated(list: BlockList): Block | null {
  try {
    return list.allocate();
  } catch (error) {
    if (!isRefusal(error, ["ERR_LIST_DELETED"])) throw error;
    return null;
  }
}

function allocate({ machine, voice, place, list, held }: Runner): void {
  const block = allocated(list);
  if (block === null) return;
  machine.hold(voice, place, block.address);
  held.push(block);
}

function free({ machine, place }: Runner, block: Block | undefined): void {
  if (block === undefined) return;
  const kept = machine.giveUp(place, block.address);
  try {
    block.free();
  } catch (error) {
    // Only a block whose handle was sent may be another's by now.
    if (!isRefusal(error, ["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"])) throw error;
    return;
  }
  if (!kept) throw new Error(`block 0x${block.address.toString(16)} was freed by who had lost it`);
}

function adopt({ machine, place, list, held, adopted, renews }: Runner, handle: number): void {
  try {
    const block = list.adopt(list.handleFrom(handle));
    const [before, now] = [Math.floor(handle / 2 ** 28), block.held & 0xf_ffff];
    if (now !== before + 1) throw new Error("a stale handle was adopted");
    machine.take(place, block.address);
    held.push(block);
    adopted.push(`${block.address} ${now}`);
  } catch (error) {
    const codes = ["ERR_STALE_HANDLE"];
    if (renews) codes.push("ERR_FOREIGN_BLOCK");
    if (list.closed) codes.push("ERR_LIST_DELETED");
    if (!isRefusal(error, codes)) throw error;
  }
}

function through({ list, channel }: Runner): BlockChannel {
  return list.through(channel as Channel);
}

/** The oldest block of the channel, or null when there is none, or this thread has left the list. */
function received(runner: Runner): Block | null {
  try {
    return through(runner).receive();
  } catch (error) {
    if (!runner.list.closed || !isRefusal(error, ["ERR_LIST_DELETED"])) throw error;
    return null;
  }
}

/** Letters of programs: a list is opened first, unless the program says when, by `o`. */
export const STEPS: Record<string, Step> = {
  a: { note: "allocate", act: allocate },
  o: {
    note: "open, after leaving with nothing held, unless it is just being deleted",
    act: (runner) => {
      while (runner.held.length > 0) free(runner, runner.held.shift());
      runner.list?.leave();
      runner.list = NONE;
      unlessDeleted(() => {
        runner.list = runner.open();
      });
    },
  },
  f: { note: "free the oldest", act: (runner) => free(runner, runner.held.shift()) },
  F: { note: "free the newest", act: (runner) => free(runner, runner.held.pop()) },
  t: { note: "trim", act: ({ list }) => void list.trim() },
  r: { note: "reserve 1", act: ({ list }) => unlessDeleted(() => list.reserve(1)) },
  l: {
    note: "leave, with nothing held",
    act: (runner) => {
      while (runner.held.length > 0) free(runner, runner.held.shift());
      runner.list.leave();
    },
  },
  q: {
    note: "leave with what is held, as a thread that detaches",
    act: ({ machine, place, region, pool, list, held }) => {
      for (const block of held.splice(0)) machine.giveUp(place, block.address);
      machine.stage.list.disownHeld(region, pool);
      list.leave();
    },
  },
  x: { note: "delete", act: ({ list }) => list.delete() },
  "0": { note: "depth = 0", act: ({ list }) => unlessDeleted(() => setDepth(list, 0)) },
  "1": { note: "depth = 1", act: ({ list }) => unlessDeleted(() => setDepth(list, 1)) },
  "4": { note: "depth = 4", act: ({ list }) => unlessDeleted(() => setDepth(list, 4)) },
  s: {
    note: "send the oldest",
    act: ({ machine, held }) => {
      const [block] = held;
      if (block === undefined) return;
      try {
        machine.send(block.handle);
      } catch (error) {
        // Sent before, and adopted by now.
        if (!isRefusal(error, ["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"])) throw error;
      }
    },
  },
  d: {
    note: "adopt",
    act: (runner) => {
      const handle = runner.machine.receive();
      if (handle !== null) adopt(runner, handle);
    },
  },
  D: {
    note: "adopt what others may adopt too",
    act: (runner) => {
      const handle = runner.machine.received();
      if (handle !== null) adopt(runner, handle);
    },
  },
  ">": {
    note: "send the oldest through the channel",
    act: (runner) => {
      const [block] = runner.held;
      if (block !== undefined && through(runner).send(block)) runner.held.shift();
    },
  },
  "<": {
    note: "receive from the channel",
    act: (runner) => {
      const block = received(runner);
      if (block === null) return;
      runner.machine.take(runner.place, block.address);
      runner.held.push(block);
      runner.adopted.push(`${block.address} ${block.held & 0xf_ffff}`);
    },
  },
  v: {
    note: "visit",
    act: ({ machine, region, place }) => machine.stage.balance.visit(region, place + 1),
  },
  k: { note: "tick", act: ({ list }) => list.tick() },
  R: {
    note: "recover thread 1, if it has ended",
    act: ({ machine, region, pool, voice }) => {
      if (!voice.isDead(0)) return;
      machine.stage.recovery.recoverThread(region, pool, machine.identityOf(1), "reclaim");
    },
  },
};

function setDepth(list: BlockList, depth: number): void {
  list.depth = depth;
}
