/**
 * The way of the demo: files are read straight into blocks of shared memory, and blocks go by handle.
 *
 * Nothing is copied and nothing becomes garbage: a block that a hashing thread frees is soon read into again.
 * What holds the reader back is room in a channel, or a pool without a block: then it waits for either.
 */
import { Worker } from "node:worker_threads";
import type { Channel, ChannelStatistics, System } from "../../system/index.js";
import type { BlockOrders } from "./block-hasher.js";
import { Home } from "./home.js";
import type { Ledger } from "./ledger.js";
import { type DemoChannel, type DemoList, openChannels, openHome, openLists } from "./lists.js";
import { HEADER_BYTES, type Piece, writePiece } from "./piece.js";
import type { Lane, Room, Way } from "./way.js";

/** A block that is being filled. */
interface BlockRoom extends Room {
  readonly block: NonNullable<ReturnType<DemoList["allocate"]>>;
  /** Number of its list. */
  readonly list: number;
}

/** What all lanes share. */
interface Shared {
  readonly lists: readonly DemoList[];
  readonly home: Home;
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
    const { home, ledger, signal } = this.#shared;
    while (!signal.aborted) {
      const room = this.#takeNow(size);
      if (room !== null) return room;
      ledger.waits++;
      await home.blockFreed();
    }
    return null;
  }

  async send({ block, list }: BlockRoom, piece: Piece): Promise<void> {
    const { signal } = this.#shared;
    const channel = this.channels[list] as DemoChannel;
    writePiece(block, piece);
    if (channel.send(block)) return;
    try {
      await channel.sendAsync(block, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      block.free();
    }
  }

  giveBack({ block }: BlockRoom): void {
    block.free();
  }

  /** A block of the smallest size that holds the whole file, or of a larger one; else of the largest. */
  #takeNow(size: number): BlockRoom | null {
    const { lists } = this.#shared;
    for (let list = 0; list < lists.length; list++) {
      const candidate = lists[list] as DemoList;
      const capacity = candidate.size - HEADER_BYTES;
      if (capacity < size && list < lists.length - 1) continue;
      const block = candidate.allocate();
      if (block !== null)
        return { block, list, bytes: block.bytes, offset: HEADER_BYTES, capacity };
    }
    return null;
  }
}

function takeBack(channel: DemoChannel): void {
  for (let block = channel.receive(); block !== null; block = channel.receive()) block.free();
}

/** Blocks through channels. */
export class BlockWay implements Way {
  readonly workers: readonly Worker[];
  readonly lanes: readonly BlockLane[];
  readonly garbageBytes = 0;
  /** What the channels did: known when the pass has been settled. */
  channelStatistics: readonly ChannelStatistics[] = [];
  readonly #homeChannel: Channel;
  readonly #recovered: readonly Promise<unknown>[];

  constructor(
    system: System,
    maximumDepth: number,
    threads: number,
    ledger: Ledger,
    signal: AbortSignal,
  ) {
    const lists = openLists(system, maximumDepth);
    this.#homeChannel = openHome(system);
    const home = new Home(this.#homeChannel, signal);
    const shared: Shared = { lists, home, ledger, signal };
    this.lanes = Array.from({ length: threads }, (_, at) => {
      return new BlockLane(shared, openChannels(system, lists, at + 1));
    });
    this.workers = this.lanes.map((_, at) => {
      const orders: BlockOrders = { ticket: system.ticket(), thread: at + 1, maximumDepth };
      return new Worker(new URL("./block-hasher.js", import.meta.url), { workerData: orders });
    });
    // What a thread held when it ended, in whatever way, comes home.
    this.#recovered = this.workers.map((worker) => system.watch(worker));
  }

  close(): void {
    for (const { channels } of this.lanes) {
      for (const { channel } of channels) channel.close();
    }
  }

  /** Takes back what was sent and never received (nothing, unless the run ended early); deletes the channels. */
  async settle(): Promise<void> {
    await Promise.all(this.#recovered);
    const channels = this.lanes.flatMap((lane) => lane.channels);
    for (const channel of channels) takeBack(channel);
    const all = new Set([...channels.map(({ channel }) => channel), this.#homeChannel]);
    this.channelStatistics = Array.from(all, (channel) => channel.statistics());
    for (const channel of all) channel.delete();
  }
}
