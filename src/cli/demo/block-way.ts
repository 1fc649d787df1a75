/**
 * The way of the demo: files are read straight into blocks of shared memory, and blocks go by handle.
 *
 * Nothing is copied and nothing becomes garbage: a block that a hashing thread frees is soon read into again.
 * What holds the reader back is room in a channel, or a pool without a block: then it waits until a
 * hashing thread says that it has freed some. Every thread says so before it waits itself, so a reader
 * that looks again after each answer misses no block.
 */
import { Worker } from "node:worker_threads";
import type { ChannelStatistics, ObjectList, RecoveryReport, System } from "../../system/index.js";
import { Bell } from "./bell.js";
import type { BlockOrders } from "./block-hasher.js";
import type { Ledger } from "./ledger.js";
import { type DemoChannel, type DemoList, openChannels, openLists } from "./lists.js";
import { HEADER_BYTES, type Piece, writePiece } from "./piece.js";
import { type BlockRoom, openRooms } from "./room.js";
import type { Lane, Way } from "./way.js";

/** The reading thread's end of every block way: made once for all passes of a system. */
export interface BlockStore {
  readonly system: System;
  readonly maximumDepth: number;
  readonly lists: readonly DemoList[];
  readonly rooms: ObjectList<BlockRoom>;
}

/** What all lanes share. */
interface Shared extends BlockStore {
  /** Rung at every answer, and when the run is over. */
  readonly bell: Bell;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
}

/** The way to one hashing thread. */
class BlockLane implements Lane<BlockRoom> {
  readonly channels: readonly DemoChannel[];
  readonly #shared: Shared;

  constructor(shared: Shared, channels: readonly DemoChannel[]) {
    this.#shared = shared;
    this.channels = channels;
  }

  async take(size: number): Promise<BlockRoom | null> {
    const { bell, ledger, signal } = this.#shared;
    while (!signal.aborted) {
      const room = this.#takeNow(size);
      if (room !== null) return room;
      ledger.waits++;
      await bell.wait();
    }
    return null;
  }

  async send(room: BlockRoom, piece: Piece): Promise<void> {
    const { bell, rooms, signal } = this.#shared;
    const { block, list } = room;
    rooms.free(room);
    const channel = this.channels[list] as DemoChannel;
    writePiece(block, piece);
    while (!channel.send(block)) {
      if (signal.aborted) {
        block.free();
        return;
      }
      await bell.wait();
    }
  }

  giveBack(room: BlockRoom): void {
    room.block.free();
    this.#shared.rooms.free(room);
    this.#shared.bell.ring(); // no answer will come for it, and another lane may wait for just this block
  }

  /** A block of the smallest size that holds the whole file, or of a larger one; else of the largest. */
  #takeNow(size: number): BlockRoom | null {
    const { lists, rooms } = this.#shared;
    for (let list = 0; list < lists.length; list++) {
      const candidate = lists[list] as DemoList;
      if (candidate.size - HEADER_BYTES < size && list < lists.length - 1) continue;
      const block = candidate.allocate();
      if (block !== null) return (rooms.allocate() as BlockRoom).hold(block, list);
    }
    return null;
  }
}

/** Opens the lists in the reading thread. @throws {CommandFailed} */
export function openStore(system: System, maximumDepth: number): BlockStore {
  return { system, maximumDepth, lists: openLists(system, maximumDepth), rooms: openRooms(system) };
}

/** Blocks through channels. */
export class BlockWay implements Way {
  readonly workers: readonly Worker[];
  readonly lanes: readonly BlockLane[];
  readonly garbageBytes = 0;
  /** What the channels did: known when the pass has been settled. */
  channelStatistics: readonly ChannelStatistics[] = [];
  /** Blocks that came home from threads that did not leave by themselves: known at the same time. */
  recovered = 0;
  readonly #recoveries: Promise<(readonly RecoveryReport[])[]>;

  constructor(store: BlockStore, threads: number, ledger: Ledger, signal: AbortSignal) {
    const { system, maximumDepth, lists } = store;
    const bell = new Bell();
    const shared: Shared = { ...store, bell, ledger, signal };
    this.lanes = Array.from({ length: threads }, (_, at) => {
      return new BlockLane(shared, openChannels(system, lists, at + 1));
    });
    this.workers = this.lanes.map((_, at) => {
      const orders: BlockOrders = { ticket: system.ticket(), thread: at + 1, maximumDepth };
      return new Worker(new URL("./block-hasher.js", import.meta.url), { workerData: orders });
    });
    // Whatever a thread holds when it ends, in whatever way, comes home.
    this.#recoveries = Promise.all(this.workers.map((worker) => system.watch(worker)));
    for (const worker of this.workers) worker.on("message", () => bell.ring());
    signal.addEventListener("abort", () => bell.ring());
  }

  close(): void {
    for (const { channels } of this.lanes) {
      for (const { channel } of channels) channel.close();
    }
  }

  /** Takes back what was sent and never received: nothing, unless the run ended early. */
  async settle(): Promise<void> {
    for (const { parked, reclaimed } of (await this.#recoveries).flat())
      this.recovered += parked + reclaimed;
    const channels = this.lanes.flatMap((lane) => lane.channels);
    for (const channel of channels) takeBack(channel);
    const all = new Set(channels.map(({ channel }) => channel));
    this.channelStatistics = Array.from(all, (channel) => channel.statistics());
    for (const channel of all) channel.delete();
  }
}

function takeBack(channel: DemoChannel): void {
  for (let block = channel.receive(); block !== null; block = channel.receive()) block.free();
}
