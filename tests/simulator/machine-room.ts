/**
 * The simulated system: a machine of the explorer's stage, and behind its words a few of the simulation's
 * own.
 *
 * ```
 *   machine.words        + 32                + 64    + 65
 *     +-------------------+-------------------+-------+-------+
 *     | inbox, by thread  | death, by thread  | over  | clock |
 *     +-------------------+-------------------+-------+-------+
 * ```
 *
 * inbox  a bit for each thread whose end this thread has heard of; set by the scheduler, taken by the thread
 * death  1 when the thread has been ended; set by the scheduler
 * over   1 when all other threads have left or are dead, and every end has been heard; set by the scheduler
 * clock  microseconds since the beginning; set by the scheduler before each turn. The library's own clock is
 *        replaced by a look at it, so that waits that have an end have it in virtual time
 */

import type { ChannelOptions } from "lookaside";
import type { Channel } from "#src/channel/index.js";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import { exchange, load, waitBriefly, wordsOf } from "../interleaving/explorer/door.js";
import type { Voice } from "../interleaving/explorer/index.js";
import { Machine } from "../interleaving/stage/machine.js";
import type { Patch } from "../interleaving/stage/patch.js";
import { makeStage, type Stage } from "../interleaving/stage/stage.js";

const DEATHS = 32;
const OVER = 64;
const CLOCK = 65;
const EXTRA_WORDS = 66;

/** What the host calls the thread above all others. */
const HOST = 100;

/** KiB that the lists may park together: less than they could, so that growth is refused at times. */
const PARKED_KIB = 220;

/** What the stage has besides, by the patch below. */
interface WithChannel {
  readonly Channel: new (region: Region, pool: Pool, options: ChannelOptions) => Channel;
}

/**
 * The list layer's door on stage leads to channels too. Threads stall here, so locks are waited for as long
 * as they are in the library, and not as on a stage that is explored.
 */
const PATCHES = [
  { file: "memory/owner-lock.ts", from: "WAIT_MS_MAX = 40", to: "WAIT_MS_MAX = 10_000" },
  {
    file: "list/index.ts",
    from: 'from "./object-list.js";',
    to: 'from "./object-list.js"; export { Channel } from "../channel/index.js";',
  },
  {
    file: "base/clock.ts",
    from: "return performance?.now() ?? Date.now();",
    to: 'return globalThis[Symbol.for("lookaside.simulator.clock")]();',
  },
];

/** Where the library on stage looks for the time. */
const CLOCK_KEY = Symbol.for("lookaside.simulator.clock");

/** The library with its door replaced, as it is or with patches: one for any number of simulations. */
export function makeSimulatorStage(patches: readonly Patch[] = []): Promise<Stage> {
  return makeStage([...PATCHES, ...patches]);
}

/** One simulated system. */
export class MachineRoom {
  readonly machine: Machine;
  readonly stage: Stage;
  /** All words, the simulation's own included. */
  readonly words: number;
  readonly threads: number;
  /** The documented lists that all threads use. */
  readonly documented: number[] = [];
  readonly #all: Int32Array;

  constructor(stage: Stage, threads: number, chunks: number) {
    this.stage = stage;
    this.threads = threads;
    this.machine = new Machine(stage, { threads: 15, attached: 0, chunks, grown: 1 });
    this.words = this.machine.words + EXTRA_WORDS;
    this.#all = wordsOf(new ArrayBuffer(this.words * 4));
  }

  /** Makes the system, and with `make` its documented lists; its threads attach by themselves. */
  prepare(make: (region: Region, pool: Pool) => number[]): void {
    this.machine.prepare();
    const region = this.machine.region();
    const { balance, list, threads } = this.stage;
    list.createParkedBudget(region, PARKED_KIB);
    const depth = list.WINDOWS_DEPTH;
    balance.writeTuning(region, { periodMs: 0, scansPerAdjustment: 1, depth });
    const maker = threads.claimThread(region, { host: HOST, ancestors: [] });
    const pool = this.machine.poolOf(maker.thread, region);
    this.documented.push(...make(region, pool));
    threads.releaseThread(region, maker);
  }

  /** What the host calls a thread of the simulation, whenever it attaches. */
  hostOf(place: number): number {
    return HOST + 1 + place;
  }

  /** The system is this one's from now on: its clock is what the library sees. */
  enter(): void {
    const clock = (): number => load(this.#all, this.clock) / 1_000;
    (globalThis as Record<symbol, unknown>)[CLOCK_KEY] = clock;
  }

  channel(region: Region, pool: Pool, options: ChannelOptions): Channel {
    const { Channel } = this.stage.list as unknown as WithChannel;
    return new Channel(region, pool, options);
  }

  /** Name of a word, for people, while the memory is `words`. */
  nameOf(index: number, words: Int32Array): string {
    if (index >= this.machine.words) return `the simulation's word ${index - this.machine.words}`;
    return this.machine.names.of(index, words);
  }

  inboxOf(place: number): number {
    return this.machine.words + place;
  }

  deathOf(place: number): number {
    return this.machine.words + DEATHS + place;
  }

  get over(): number {
    return this.machine.words + OVER;
  }

  get clock(): number {
    return this.machine.words + CLOCK;
  }

  /** For a virtual thread: the ends it has heard of since it asked last, as bits. */
  heard(place: number): number {
    return exchange(this.#all, this.inboxOf(place), 0);
  }

  /** For a virtual thread: sleeps until it hears something, or a while. */
  listen(place: number): void {
    waitBriefly(this.#all, this.inboxOf(place), 0, 1);
  }

  /** For a virtual thread: whether all others are gone. */
  isOver(): boolean {
    return load(this.#all, this.over) !== 0;
  }

  /** What the machine asks of a thread: who is dead. */
  readonly voice: Voice = {
    note() {},
    victim: () => 0,
    isDead: (place) => load(this.#all, this.deathOf(place)) !== 0,
  };
}
