/**
 * A soak: threads that do everything at once, most of them ended at random moments, for as long as one likes,
 * and at every quiet point the proof that nothing was lost.
 *
 * A round is a crew on one system, which goes on for some rounds: then everything is deleted, not a chunk may
 * be in use, and a new system begins to grow. Some of a crew's threads are ended while they are just being
 * started, some under load, one after the other or two at once; the last one lives on, must come further
 * after every death, and leaves in peace. Then nothing runs any more but the thread that watches, and all
 * this must hold:
 *
 * - the audit and the audit of the pool find nothing;
 * - no list has a block held, none parks more than its depth, all within the budget of parked bytes;
 * - no lock is held, no number is taken but the watcher's;
 * - of the documented lists no more is left than the dead can have had, and that can all be given back;
 * - what is parked given up, the pools have as many chunks in use as before the first round.
 */
import assert from "node:assert/strict";
import { type BlockList, type RecoveryReport, System } from "lookaside";
import { parkedAllowance } from "#src/list/index.js";
import { HEADER, load } from "#src/memory/index.js";
import { startCrew } from "../support/crew.js";
import { auditPool } from "../support/pool-audit.js";
import { type Random, randomFrom } from "../support/seed.js";
import { ENTRY_SLOTS, makeDocumentedLists, settleDocumentedLists } from "./documented.js";
import { CHANNEL, LISTS, PROGRESS, SLOTS, type stress } from "./soak.tasks.js";

/** What a soak is asked for. */
export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Threads of a round: 2 to 12. */
  readonly threads: number;
  /** Called after every round. */
  readonly progress?: (counts: SoakCounts) => void;
}

/** What a soak did. */
export interface SoakCounts {
  rounds: number;
  /** Systems that were made, and used up. */
  systems: number;
  seconds: number;
  /** Threads ended; threads recovered: those that had come as far as to attach. */
  kills: number;
  recoveries: number;
  /** Audits that found nothing: one at each quiet point. */
  audits: number;
  allocates: number;
  frees: number;
  adopted: number;
  pushed: number;
  /** Calls of the documented lists, and blocks that were held there by the dead. */
  documented: number;
  lost: number;
  /** What recoveries found: blocks in rings, held blocks, blocks in channels, slots, cells and locks. */
  parked: number;
  reclaimed: number;
  sent: number;
  slots: number;
  cells: number;
  locks: number;
  /** Bytes of the shared memory, and chunks of both pools in use at the quiet points. */
  memoryBytes: number;
  chunks: number;
}

/** Above what the list of fixed depth counts for, and below what all lists could grow to. */
const PARKED_KIB = 600;

/** Milliseconds in which a thread that is ended while it starts may still come to its first block. */
const EARLY_MS = 150;

/** Rounds of one system at most. */
const LIFETIME_MAX = 12;

function noCounts(): SoakCounts {
  return {
    rounds: 0,
    systems: 0,
    seconds: 0,
    kills: 0,
    recoveries: 0,
    audits: 0,
    allocates: 0,
    frees: 0,
    adopted: 0,
    pushed: 0,
    documented: 0,
    lost: 0,
    parked: 0,
    reclaimed: 0,
    sent: 0,
    slots: 0,
    cells: 0,
    locks: 0,
    memoryBytes: 0,
    chunks: 0,
  };
}

/** Chunks of both pools in use. */
function chunksUsed(system: System): number {
  const { words } = system.region;
  return load(words, HEADER.CHUNKS_USED) + load(words, HEADER.CHUNKS_USED + 1);
}

/** One soak. */
class Soak {
  readonly counts = noCounts();
  readonly #options: SoakOptions;
  readonly #random: Random;
  #stage: SoakSystem;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = randomFrom(options.seed);
    this.#stage = new SoakSystem(options.threads, this.counts);
  }

  async run(): Promise<void> {
    const begin = performance.now();
    let left = this.#lifetime();
    do {
      if (left-- === 0) {
        this.#stage.end();
        this.#stage = new SoakSystem(this.#options.threads, this.counts);
        left = this.#lifetime() - 1;
      }
      await this.#stage.round(this.#random);
      this.counts.rounds++;
      this.counts.seconds = Math.round((performance.now() - begin) / 100) / 10;
      this.#options.progress?.(this.counts);
    } while (performance.now() - begin < this.#options.seconds * 1_000);
    this.#stage.end();
  }

  /** Rounds of a system. */
  #lifetime(): number {
    return 1 + this.#random.int(LIFETIME_MAX);
  }
}

/** One system of a soak, from its making to its end. */
class SoakSystem {
  readonly #counts: SoakCounts;
  readonly #threads: number;
  readonly #system: System;
  readonly #lists: BlockList[];
  readonly #documented: readonly number[];
  readonly #chunksBefore: number;
  #dead = 0;
  /** Counters of the lists as they were at the last quiet point: they wrap at 2^32. */
  readonly #before = new Map<string, number>();

  constructor(threads: number, counts: SoakCounts) {
    this.#threads = threads;
    this.#counts = counts;
    counts.systems++;
    this.#system = System.create({
      nonPaged: "64 MiB",
      paged: "32 MiB",
      threads: threads + 2,
      parkedBytes: `${PARKED_KIB} KiB`,
      depth: { periodMs: 50 },
    });
    this.#lists = LISTS.map((given) => this.#system.blockList(given));
    this.#system.channel(CHANNEL);
    this.#documented = makeDocumentedLists(this.#system);
    this.#system.trim();
    this.#chunksBefore = chunksUsed(this.#system);
  }

  /** One round, and the quiet point after it. */
  async round(random: Random): Promise<void> {
    const threads = this.#threads;
    const slots = new BigInt64Array(new SharedArrayBuffer(SLOTS * LISTS.length * 8));
    const documented = this.#documented;
    const entries = new Int32Array(new SharedArrayBuffer(ENTRY_SLOTS * documented.length * 4));
    const shared = { ticket: this.#system.ticket(), slots, documented, entries };
    const data = { ...shared, seed: random.next() };
    const url = new URL("./soak.tasks.js", import.meta.url);
    const crew = startCrew<typeof stress>(url, { threads, run: "stress", data });
    const recoveries = crew.workers.map((worker) => this.#system.watch(worker));
    const survivor = threads - 1;
    const end = async (rank: number): Promise<void> => {
      const isEarly = random.int(6) === 0;
      if (isEarly) await pause(random.int(EARLY_MS));
      else await crew.gates.reached(PROGRESS + rank, 1 + random.int(60));
      await crew.terminate(rank);
      this.#counts.kills++;
      this.#dead++;
      this.#count(await recoveries[rank]);
    };
    for (let rank = 0; rank < survivor; ) {
      const storm = Math.min(survivor - rank, 1 + random.int(3));
      await Promise.all(Array.from({ length: storm }, (_, at) => end(rank + at)));
      rank += storm;
      const before = crew.gates.read(PROGRESS + survivor);
      await crew.gates.reached(PROGRESS + survivor, before + 2); // the survivor goes on
    }
    crew.gates.raise(0);
    for (const outcome of await crew.outcomes) if (outcome.kind === "failed") throw outcome.error;
    assert.deepEqual(await recoveries[survivor], [], "who left in peace needs no recovery");
    this.#demandQuiet();
  }

  #count(reports: readonly RecoveryReport[] = []): void {
    for (const report of reports) {
      this.#counts.recoveries++;
      this.#counts.parked += report.parked;
      this.#counts.reclaimed += report.reclaimed;
      this.#counts.sent += report.sent.length;
      this.#counts.slots += report.slots;
      this.#counts.cells += report.cells;
      this.#counts.locks += report.locks.length;
    }
  }

  #demandQuiet(): void {
    const system = this.#system;
    const { region } = system;
    assert.equal(system.threads, 1, "a number is still taken");
    for (const lock of ["RUN_LOCK", "SET_LOCK", "ROUTINE_LOCK", "BUDGET_LOCK"] as const)
      assert.equal(load(region.words, HEADER[lock]) & 0xff, 0, `${lock} is held`);
    this.#demandAudit("while blocks lie in the channel");
    const lane = (this.#lists[0] as BlockList).through(system.channel(CHANNEL));
    for (let block = lane.receive(); block !== null; block = lane.receive()) block.free();
    assert.ok(parkedAllowance(region) <= PARKED_KIB, "the budget is overdrawn");
    for (const list of this.#lists) {
      const { name, held, parked, depth, allocates, frees, adopted } = list.statistics();
      assert.equal(held, 0, `list ${name} has blocks that nobody holds`);
      assert.ok(parked <= depth, `list ${name} parks ${parked} blocks of ${depth}`);
      this.#counts.allocates += this.#since(`${name} allocates`, allocates);
      this.#counts.frees += this.#since(`${name} frees`, frees);
      this.#counts.adopted += this.#since(`${name} adopted`, adopted);
    }
    this.#counts.pushed += this.#since("pushed", lane.channel.statistics().pushed);
    for (const list of this.#lists) list.trim();
    this.#settleDocumented(false);
    system.trim();
    this.#demandAudit("when nothing is parked");
    // Ended between a block and its bill, a thread leaves its tag one call behind: a statistic, no more.
    const pool = auditPool(system.region).problems.filter((problem) => !problem.startsWith("tag "));
    assert.deepEqual(pool, [], "the pool is not sound");
    this.#counts.chunks = chunksUsed(system);
    assert.equal(this.#counts.chunks, this.#chunksBefore, "memory did not come back");
    this.#counts.memoryBytes = system.memory.buffer.byteLength;
    this.#counts.audits++;
  }

  #demandAudit(when: string): void {
    assert.deepEqual(this.#system.audit().problems, [], `the audit found problems ${when}`);
  }

  /** What a counter was moved on by since the last quiet point. */
  #since(name: string, now: number): number {
    const before = this.#before.get(name) ?? 0;
    this.#before.set(name, now);
    return (now - before) >>> 0;
  }

  #settleDocumented(isEnd: boolean): void {
    const lists = this.#documented;
    const { allocates, lost } = settleDocumentedLists(this.#system, lists, this.#dead, isEnd);
    this.#counts.documented += this.#since("documented", allocates);
    this.#counts.lost += lost;
  }

  /** Everything deleted: then not a chunk is in use. */
  end(): void {
    this.#settleDocumented(true);
    for (const list of this.#lists) list.delete();
    this.#system.channel(CHANNEL).delete();
    this.#system.trim();
    assert.equal(this.#system.audit().held, 0, "a block is held when everything is deleted");
    assert.equal(chunksUsed(this.#system), 0, "a chunk is in use when everything is deleted");
    this.#system.close();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds); // tidy: the start of a thread has no gates
  });
}

/**
 * Runs a soak to its end.
 * @throws what did not hold, or what a thread threw; the counts are those of `progress`
 */
export async function soak(options: SoakOptions): Promise<SoakCounts> {
  const one = new Soak(options);
  await one.run();
  return one.counts;
}
