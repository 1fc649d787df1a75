/**
 * The pool: blocks of slabs, runs, slabs made and taken apart, and the memory growing.
 *
 * Letters: `a` allocates 16 KiB (a slab of one chunk has four), `b` 32 KiB (a slab has two), `r` a run of
 * one chunk, `R` one of two; `f` frees the oldest, `F` the newest; `s` hands the oldest to whoever comes,
 * `d` takes it: any thread may free what any other allocated. `t` gives empty slabs back. `z` frees the
 * oldest as checked mode does, which fills it first; `x` shows the oldest to one that frees it too, by
 * mistake, and `y` is that mistake's first half.
 *
 * What must hold at every end: no block was given to two threads; the pool is sound by a second reading
 * of every word; what it says is held is what threads hold; and when they have freed all of it, no chunk
 * is in use. One alone fills a block, and what a dead one was filling is free after its recovery.
 */
import assert from "node:assert/strict";
import { CHUNK_BYTES } from "#src/base/index.js";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf } from "./cast.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const TAG = 0x6c6f_6f50;
const THREADS = 5;
const SIZES: Record<string, number> = { a: 16_384, b: 32_768, r: 62_000, R: 100_000 };

/** What is explored. */
export interface PoolSetting {
  readonly programs: readonly string[];
  readonly chunks: number;
  /** Chunks whose memory is there at first; default: all. */
  readonly grown?: number;
  /** Chunks of memory that the host gives: it refuses to grow any further. */
  readonly host?: number;
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

/** One thread's program while it runs. */
interface Runner {
  readonly machine: Machine;
  readonly voice: Voice;
  readonly place: number;
  readonly region: Region;
  readonly pool: Pool;
  readonly held: number[];
}

/** What wdk/freed-memory.ts does with a block, but for the bytes. */
function freeFilled({ machine, place, pool }: Runner, address: number): void {
  const { FREED } = machine.stage.pool;
  if (pool.seize(address, -1) !== FREED) return; // somebody else was first
  machine.take(place, address);
  machine.drop(place, address); // nobody else may have taken it meanwhile
  if (pool.freeForList(address) !== FREED) throw new Error("a free was refused");
}

function act(runner: Runner, letter: string): void {
  const { machine, voice, place, region, pool, held } = runner;
  const bytes = SIZES[letter];
  if (bytes !== undefined) {
    voice.note(`allocate ${bytes}`);
    const address = pool.allocate(0, bytes, TAG, false, 0, 0, 0);
    if (address === 0) return;
    machine.hold(voice, place, address);
    if (!region.cover(address + bytes))
      throw new Error("a block lies behind the end of the memory");
    held.push(address);
    return;
  }
  if (letter === "t") {
    voice.note("trim");
    pool.trim();
    return;
  }
  if (letter === "d") {
    voice.note("take over");
    const unit = machine.receive();
    if (unit === null) return;
    machine.take(place, unit * 16);
    held.push(unit * 16);
    return;
  }
  if (letter === "x") machine.send((held[0] ?? 0) / 16);
  else if (letter === "y") held.push((machine.received() ?? 0) * 16);
  if (letter === "x" || letter === "y") return;
  voice.note(letter === "s" ? "hand over" : "free");
  const address = letter === "F" ? held.pop() : held.shift();
  if (address === undefined || address === 0) return;
  if (letter === "z") {
    freeFilled(runner, address);
    return;
  }
  machine.drop(place, address);
  if (letter === "s") machine.send(address / 16);
  else if (pool.free(address, -1) !== machine.stage.pool.FREED)
    throw new Error("a free was refused");
}

/** A thread's views of a memory that the host lets grow to so many chunks, and no further. */
function stingyRegion(machine: Machine, host: number): Region {
  const region = machine.region();
  const { memory } = region;
  const most = machine.layout.dataByte / CHUNK_BYTES + host;
  const stingy = {
    get buffer(): ArrayBufferLike {
      return memory.buffer;
    },
    grow(pages: number): number {
      const now = memory.buffer.byteLength / CHUNK_BYTES;
      if (now + pages > most) throw new RangeError("the host has no more memory");
      return memory.grow(pages);
    },
  };
  return Object.assign(region, { memory: stingy });
}

function programOf(machine: Machine, setting: PoolSetting, place: number): Program {
  const { host } = setting;
  return (voice) => {
    const region = host === undefined ? machine.region() : stingyRegion(machine, host);
    const pool = machine.poolOf(place + 1, region);
    const runner: Runner = { machine, voice, place, region, pool, held: [] };
    for (const letter of setting.programs[place] as string) {
      if (letter === ":") begin();
      else act(runner, letter);
    }
    return runner.held;
  };
}

function planOf(stage: Stage, setting: PoolSetting): Plan {
  const { programs, chunks, mortal = "" } = setting;
  const grown = setting.grown === undefined ? {} : { grown: setting.grown };
  const machine = new Machine(stage, { threads: THREADS, chunks, ...grown });
  return {
    ...castOf(
      machine,
      programs.map((_, place) => programOf(machine, setting, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare: () => machine.prepare(),
    check(results, words) {
      const died = results.slice(0, programs.length).includes(undefined);
      // Nobody leaves in peace here, so every number that was given back was so by a recovery.
      const { readThreads, recoveredThreads } = machine.stage.threads;
      const ended = readThreads(machine.region()).reduce((sum, { epoch }) => sum + epoch, 0);
      assert.equal(recoveredThreads(machine.region()), ended, "a recovery is not counted once");
      const { problems, blocks } = auditPool(machine.rawRegion(words));
      // A thread that dies between a state and its tally leaves the tally behind by one call.
      const serious = problems.filter((problem) => !(died && problem.startsWith("tag ")));
      assert.deepEqual(serious, [], "the pool is not sound");
      const isFilling = blocks.some(({ state }) => state === stage.pool.CACHED);
      assert.ok(!isFilling, "a block is still being filled");
      const held = (results.slice(0, programs.length) as (number[] | undefined)[]).flatMap(
        (addresses) => addresses ?? [],
      );
      const found = new Set(blocks.map(({ address }) => address));
      for (const address of held) assert.ok(found.has(address), "a held block is not the pool's");
      if (died) return; // what the dead had allocated stays allocated
      const sends = programs.join("").split("s").length - 1;
      assert.ok(blocks.length - held.length <= sends, "blocks are held by nobody");
      freeAll(machine, [...found], words);
    },
  };
}

/** Everything is freed: then no chunk may be in use. */
function freeAll(machine: Machine, addresses: readonly number[], words: Int32Array): void {
  const pool = machine.poolOf(THREADS);
  for (const address of addresses) {
    assert.equal(pool.free(address, -1), machine.stage.pool.FREED, "a held block is not free");
  }
  pool.trim();
  const { problems, chunks } = auditPool(machine.rawRegion(words));
  assert.deepEqual(problems, [], "the pool is not sound when all is free");
  assert.deepEqual(chunks, [0, 0], "chunks are in use when nothing is held");
}

function scenario(quick: boolean, setting: PoolSetting): Scenario {
  const { programs, chunks, grown, host, mortal, preemptions } = setting;
  const extras = [`chunks=${chunks}`];
  if (grown !== undefined) extras.push(`grown=${grown}`);
  if (host !== undefined) extras.push(`host=${host}`);
  if (preemptions !== undefined) extras.push(`preemptions=${preemptions}`);
  if (mortal !== undefined) extras.push(`${mortal}=mortal`);
  return {
    name: `pool/${programs.join("-")}/${extras.join(",")}`,
    protocol: grown === undefined ? "pool" : "growth of the memory",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const POOL: readonly Scenario[] = [
  scenario(true, { programs: ["a:fa", ":aa"], chunks: 1 }),
  scenario(true, { programs: ["a:", ":a", ":a"], chunks: 1 }),
  scenario(true, { programs: ["af:a", ":r"], chunks: 1 }),
  scenario(true, { programs: [":af", ":r"], chunks: 1 }),
  scenario(true, { programs: ["a:s", ":daf"], chunks: 1 }),
  scenario(true, { programs: [":rf", ":rf"], chunks: 1 }),
  scenario(true, { programs: ["a:f", ":r"], chunks: 1 }),
  scenario(true, { programs: [":a", ":b"], chunks: 2, grown: 0 }),
  scenario(true, { programs: [":a", ":r"], chunks: 2, mortal: "A" }),
  scenario(true, { programs: [":a", ":af"], chunks: 1, preemptions: 3 }),
  scenario(true, { programs: [":rf", ":R"], chunks: 2, mortal: "A", preemptions: 2 }),
  scenario(true, { programs: [":b", ":r"], chunks: 2, grown: 0, mortal: "A", preemptions: 1 }),
  scenario(true, { programs: ["r:f"], chunks: 2, mortal: "AR" }),
  scenario(true, { programs: ["ax:z", ":yz"], chunks: 1 }),
  scenario(true, { programs: ["a:z", ":a"], chunks: 1, mortal: "A" }),
  // The full run: two threads and four operations each, three threads and two of each pair.
  scenario(false, { programs: [":afaf", ":aaff"], chunks: 1, preemptions: 3 }),
  scenario(false, { programs: [":afaf", ":aaff"], chunks: 1, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: ["aa:fafa", "a:affa"], chunks: 1, mortal: "AB" }),
  scenario(false, { programs: [":rfrf", ":Rfrf"], chunks: 3, preemptions: 3 }),
  scenario(false, { programs: [":rfrf", ":Rfrf"], chunks: 3, mortal: "AB", preemptions: 1 }),
  scenario(false, { programs: ["r:frfr", "R:frfr"], chunks: 3, mortal: "AB", preemptions: 1 }),
  ...["A", "B"].map((mortal) =>
    scenario(false, {
      programs: [":aarf", ":brff"],
      chunks: 3,
      grown: 0,
      mortal,
      preemptions: 1,
    }),
  ),
  scenario(false, { programs: [":aarf", ":brff"], chunks: 3, grown: 0, preemptions: 2 }),
  // The host refuses to grow the memory as far as the pool may, or at all.
  ...[0, 1].map((host) =>
    scenario(true, { programs: [":af", ":r"], chunks: 3, grown: 0, host, preemptions: 2 }),
  ),
  scenario(false, {
    programs: [":arff", ":Rrff"],
    chunks: 3,
    grown: 0,
    host: 1,
    mortal: "AB",
    preemptions: 1,
  }),
  scenario(false, { programs: ["a:far", "b:fbr"], chunks: 2, mortal: "AB", preemptions: 1 }),
  scenario(false, { programs: ["a:far", "b:fbr"], chunks: 2, mortal: "AB+", preemptions: 0 }),
  scenario(false, { programs: [":af"], chunks: 2, mortal: "AR" }),
  scenario(false, { programs: [":rf"], chunks: 2, mortal: "AR" }),
  scenario(false, { programs: ["aa:sf", ":da", ":af"], chunks: 1 }),
  // Three threads and two operations of each pair, with and without a death; and while the memory grows.
  ...pairsOf("abrRfFsdt").flatMap((pair) => {
    const parts = {
      programs: [`rra:${pair}`, `aas:${swapped(pair)}`, `ab:${pair}`],
      chunks: 5,
    };
    return [
      scenario(false, { ...parts, preemptions: 2 }),
      scenario(false, { ...parts, mortal: "A", preemptions: 0 }),
    ];
  }),
  ...pairsOf("abrR").map((pair) =>
    scenario(false, {
      programs: [`:${pair}`, `:${swapped(pair)}`, `:${pair}`],
      chunks: 3,
      grown: 0,
      preemptions: 1,
    }),
  ),
];
