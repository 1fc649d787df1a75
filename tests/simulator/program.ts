/**
 * What a simulated thread does: it attaches, makes a number of calls at random on block lists, one that comes
 * and goes, documented lists, a channel, the tuner and the pool, and, whenever it has heard of another
 * thread's end, makes that thread's recovery. Then it gives everything back and leaves, perhaps to come back;
 * only the first thread stays until all others are gone.
 */
import type { Channel } from "#src/channel/channel.js";
import type { Block, BlockList, ParkedBudget } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import type { ThreadIdentity } from "#src/threads/index.js";
import { type Random, randomFrom } from "../support/seed.js";
import { DocumentedActor } from "./documented.js";
import type { MachineRoom } from "./machine-room.js";

/** Lists of few blocks a slab, small batches, a depth that changes; the last one's blocks are runs. */
const LISTS = [
  { tag: "SimA", size: 16_000, maximumDepth: 8, batch: 2, policy: { name: "idle", idleTicks: 1 } },
  { tag: "SimB", size: 6_000, maximumDepth: 6, batch: 1, policy: { name: "idle", idleTicks: 2 } },
  { tag: "SimC", size: 70_000, depth: 2, maximumDepth: 3, batch: 1, policy: "fixed" },
] as const;

/** A list that one thread makes and deletes while another one uses it. */
const PASSING = { tag: "SimD", size: 3_000, maximumDepth: 3, batch: 1 } as const;

/** Milliseconds of virtual time that a send or a receipt may wait for. */
const WAIT_MS_MAX = 6;

/** Blocks that a thread holds at most. */
const HELD_MAX = 5;

/**
 * Milliseconds that a call waits for a lock: every thread watches all others, so none may wait for long. As
 * for one attempt of a recovery in src/system/patience.ts.
 */
const ATTEMPT_MS = 20;

/** Calls of a visit, in the mean. */
const VISIT = 16;

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}

/** Thrown by a thread that cannot leave because of a lock: it ends as it is, as a worker does that throws. */
export class EndsAsItIs extends Error {}

/** One thread while it runs. */
class Actor {
  readonly #room: MachineRoom;
  readonly #place: number;
  readonly #random: Random;
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #budget: ParkedBudget;
  readonly #lists: BlockList[];
  readonly #channel: Channel;
  readonly #held: Block[] = [];
  /** Blocks whose handles were posted: they may be another thread's at any time. */
  readonly #posted = new Set<Block>();
  readonly #identity: ThreadIdentity;
  readonly #documented: DocumentedActor;
  /** Threads to be recovered: those whose recovery met a lock are tried again. */
  #dead: readonly ThreadIdentity[] = [];

  constructor(room: MachineRoom, place: number, random: Random) {
    const { machine, stage } = room;
    this.#room = room;
    this.#place = place;
    this.#random = random;
    this.#region = machine.region();
    const caller = { host: room.hostOf(place), ancestors: [] };
    this.#identity = stage.threads.claimThread(this.#region, caller);
    const { thread } = this.#identity;
    this.#pool = machine.poolOf(thread, this.#region);
    this.#budget = new stage.list.ParkedBudget(this.#region, thread);
    this.#documented = new DocumentedActor(room, place, this.#region, this.#pool, random);
    const { BlockList } = stage.list;
    this.#lists = LISTS.map((options) =>
      this.#opened(() => new BlockList(this.#region, this.#pool, this.#budget, options)),
    );
    const lane = { name: "sim", capacity: 4 };
    this.#channel = this.#opened(() => room.channel(this.#region, this.#pool, lane));
  }

  /** Opens something, again and again until no lock is in the way. */
  #opened<Thing>(open: () => Thing): Thing {
    for (;;) {
      this.hear();
      let thing: Thing | null = null;
      this.patiently(() => {
        thing = open();
      });
      if (thing !== null) return thing;
    }
  }

  /** Runs a call that may meet a lock of a thread that is dead or slow. Gives back whether it was done. */
  patiently(call: () => void): boolean {
    try {
      this.#room.stage.memory.withPatience(ATTEMPT_MS, call);
      return true;
    } catch (error) {
      if (codeOf(error) !== "ERR_LOCK_STALLED") throw error;
      return false;
    }
  }

  /** Leaves something, which cannot be tried twice. @throws {EndsAsItIs} when a lock is in the way */
  #leaving(call: () => void): void {
    if (this.#place === 0) call();
    else if (!this.patiently(call)) throw new EndsAsItIs("a lock is in the way");
  }

  step(): void {
    const kind = this.#random.int(12);
    if (kind < 2) this.#documented.step();
    else if (kind < 3 && this.#place > 0) this.#usePassing();
    else this.#useBlocks();
  }

  #useBlocks(): void {
    const dice = this.#random.int(100);
    if (dice < 38) this.#allocate();
    else if (dice < 66) this.#free(this.#random.int(HELD_MAX));
    else if (dice < 75) this.#send();
    else if (dice < 85) this.#receive();
    else if (dice < 89) this.#post();
    else if (dice < 93) this.#collect();
    else if (dice < 96) this.#tick();
    else if (dice < 98) this.#random.pick(this.#lists).trim();
    else this.#random.pick(this.#lists).reserve(1);
  }

  /** Recovers whoever is heard to have ended. Gives back whether nobody is left to be recovered. */
  hear(): boolean {
    const { stage, threads } = this.#room;
    const heard = this.#room.heard(this.#place);
    const dead = [...this.#dead];
    for (let other = 0; other < threads; other++) {
      if (((heard >>> other) & 1) === 0) continue;
      dead.push(...stage.threads.threadsEndedWith(this.#region, this.#room.hostOf(other)));
    }
    this.#dead = dead.filter(
      (identity) =>
        !this.patiently(() => {
          stage.recovery.recoverThread(this.#region, this.#pool, identity, "reclaim");
        }),
    );
    return this.#dead.length === 0;
  }

  #keep(block: Block): void {
    this.#posted.delete(block);
    this.#room.machine.hold(this.#room.voice, this.#place, block.address);
    this.#held.push(block);
  }

  #allocate(): void {
    if (this.#held.length >= HELD_MAX) return;
    const block = this.#random.pick(this.#lists).allocate();
    if (block !== null) this.#keep(block);
  }

  #free(at: number): void {
    const [block] = this.#held.splice(at, 1);
    if (block !== undefined) this.#giveBack(block);
  }

  #giveBack(block: Block): void {
    const isKept = this.#room.machine.giveUp(this.#place, block.address);
    try {
      block.free();
    } catch (error) {
      // Who posted its handle may find it taken, perhaps by a thread that died before it could say so.
      if (isKept && !this.#posted.has(block)) throw error;
      return;
    }
    if (!isKept)
      throw new Error(`block 0x${block.address.toString(16)} was freed by who had lost it`);
  }

  #send(): void {
    const at = this.#held.findIndex((block) => block.list === this.#lists[0]);
    const block = this.#held[at];
    if (block === undefined) return;
    const lane = (this.#lists[0] as BlockList).through(this.#channel);
    const waits = this.#random.int(4) === 0 ? 1 + this.#random.int(WAIT_MS_MAX) : 0;
    try {
      if (waits > 0 ? lane.sendBlocking(block, waits) : lane.send(block)) this.#held.splice(at, 1);
    } catch (error) {
      // Its handle was posted, and somebody has it.
      if (!["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"].includes(codeOf(error))) throw error;
      this.#held.splice(at, 1);
    }
  }

  #receive(): void {
    const lane = (this.#lists[0] as BlockList).through(this.#channel);
    const waits = this.#random.int(4) === 0 ? 1 + this.#random.int(WAIT_MS_MAX) : 0;
    const block = waits > 0 ? lane.receiveBlocking(waits) : lane.receive();
    if (block === null) return;
    this.#adopted(block);
  }

  /** The list that comes and goes, unless it is just going. */
  #passing(): BlockList | "deleted" {
    const { BlockList } = this.#room.stage.list;
    try {
      return new BlockList(this.#region, this.#pool, this.#budget, PASSING);
    } catch (error) {
      if (codeOf(error) === "ERR_LIST_DELETED") return "deleted";
      throw error;
    }
  }

  /** Makes or opens the list that comes and goes, uses it, and leaves it or deletes it for all. */
  #usePassing(): void {
    const list = this.#opened(() => this.#passing());
    if (list === "deleted") return;
    const blocks: Block[] = [];
    try {
      for (let count = this.#random.int(4); count > 0; count--) {
        const block = list.allocate();
        if (block === null) break;
        this.#room.machine.hold(this.#room.voice, this.#place, block.address);
        blocks.push(block);
      }
    } catch (error) {
      // Another thread has deleted the list, or a lock of the pool is in the way.
      if (!["ERR_LIST_DELETED", "ERR_LOCK_STALLED"].includes(codeOf(error))) throw error;
    }
    for (const block of blocks) this.#giveBack(block);
    const deletes = this.#random.int(2) === 0;
    this.#leaving(() => (deletes ? list.delete() : list.leave()));
  }

  /** A block that was taken over from whoever held it, perhaps from this very thread. */
  #adopted(block: Block): void {
    this.#posted.delete(block);
    this.#room.machine.take(this.#place, block.address);
    if (!this.#held.includes(block)) this.#held.push(block);
  }

  /** Puts the handle of a block where others find it; the block stays this thread's until one adopts it. */
  #post(): void {
    const block = this.#held.find(({ list }) => list === this.#lists[1]);
    if (block === undefined) return;
    this.#posted.add(block);
    try {
      this.#room.machine.send(block.handle);
    } catch (error) {
      if (!["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"].includes(codeOf(error))) throw error;
    }
  }

  #collect(): void {
    const list = this.#lists[1] as BlockList;
    const handle = this.#room.machine.receive();
    if (handle === null) return;
    try {
      this.#adopted(list.adopt(list.handleFrom(handle)));
    } catch (error) {
      if (codeOf(error) !== "ERR_STALE_HANDLE") throw error;
    }
  }

  #tick(): void {
    this.#room.stage.balance.visit(this.#region, this.#identity.thread);
    for (const list of this.#lists) list.tick();
  }

  /** Gives back what it holds; then, or when all others are gone if it is the first and `isLast`, leaves. */
  leave(isLast: boolean): void {
    while (this.#held.length > 0) this.#free(0);
    while (!this.patiently(() => this.#documented.leave())) this.hear();
    if (this.#place === 0 && isLast) {
      while (!this.#room.isOver()) {
        this.hear();
        this.#room.listen(this.#place);
      }
    }
    while (!this.hear()) this.#room.listen(this.#place);
    if (this.#place === 0 && isLast) this.#drain();
    this.#leaving(() => this.#channel.leave());
    for (const list of this.#lists) this.#leaving(() => list.leave());
    this.#leaving(() => this.#budget.close());
    this.#room.stage.threads.releaseThread(this.#region, this.#identity);
  }

  /** What still lies in the channel is nobody's any more. */
  #drain(): void {
    for (let left = 1; left > 0; ) {
      this.#receive();
      left = this.#held.length;
      while (this.#held.length > 0) this.#free(0);
    }
  }
}

/** The program of the thread at a place. */
export function programOf(
  room: MachineRoom,
  place: number,
  seed: number,
  calls: number,
): () => void {
  return () => {
    const random = randomFrom(seed);
    let actor = new Actor(room, place, random);
    for (let call = 0; call < calls; call++) {
      actor.hear();
      actor.patiently(() => actor.step());
      if (place === 0 || random.int(VISIT) > 0) continue;
      actor.leave(false);
      actor = new Actor(room, place, random);
    }
    actor.leave(true);
  };
}
