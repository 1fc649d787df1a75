/**
 * One simulation: virtual threads on one system, a clock that only they move, and faults, all drawn from one
 * seed. The same seed does the same to the last access; the hash of the trace says so.
 *
 * Whoever is to run next, and for how many accesses, is drawn; an access takes a microsecond. Between two
 * turns a fault may happen:
 *
 * | fault | what happens |
 * |---|---|
 * | kill | the thread is never run again, at whatever access it was |
 * | stall | the thread is not run for up to fifty milliseconds, whatever lock it has |
 * | death signal | heard late; by some threads only; twice; or by none, until the next look at all threads |
 * | wake-up | a sleeper may not be told that its word has changed: it goes on when its time is up |
 *
 * At the end everybody has left or is dead and recovered, and what the explorer demands at every end must
 * hold: the audits find nothing, and when the lists are deleted not a block is in use.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import { perform } from "../interleaving/explorer/access.js";
import { type Gate, through } from "../interleaving/explorer/door.js";
import { mix, SharedWords } from "../interleaving/explorer/shared-words.js";
import type { Stage } from "../interleaving/stage/stage.js";
import { auditPool } from "../support/pool-audit.js";
import { type Random, randomFrom } from "../support/seed.js";
import { DOCUMENTED_TAG, endDocumentedLists, makeDocumentedLists } from "./documented.js";
import { MachineRoom } from "./machine-room.js";
import { EndsAsItIs, programOf } from "./program.js";
import { TURN, VirtualThread } from "./virtual-thread.js";

/** What a simulation did. */
export interface Outcome {
  readonly seed: number;
  /** Of every access, in order: two runs of a seed have the same. */
  readonly hash: string;
  readonly steps: number;
  /** Virtual milliseconds. */
  readonly milliseconds: number;
  readonly threads: number;
  readonly kills: number;
  readonly stalls: number;
  /** Signals of deaths that were heard late, twice, or by nobody at first; wake-ups that were lost. */
  readonly late: number;
  readonly doubled: number;
  readonly lost: number;
  readonly lostWakes: number;
}

/** In accesses, which are microseconds. */
const SLEEP = 2_000;
const STALL_MAX = 50_000;
const SIGNAL_MAX = 30_000;
const LOOK = 100_000;
const STEPS_MAX = 3_000_000;

const CHUNKS = 14;

const AWAKE = 0;
const ASLEEP = 1;
const STALLED = 2;
const GONE = 3;
const DEAD = 4;
const STATUS_NAMES = ["awake", "asleep", "stalled", "gone", "dead"];

/** Where a thread is in its life, and until when. */
interface Life {
  status: number;
  until: number;
  /** Whether it sleeps on although its word has changed. */
  isDeaf: boolean;
}

/** The end of a thread that will be heard at some time. */
interface Signal {
  readonly at: number;
  readonly dead: number;
  /** Who hears it, or -1: whoever looks at all threads then. */
  readonly by: number;
}

/** One simulation. */
class Simulation {
  readonly #random: Random;
  readonly #room: MachineRoom;
  readonly #memory: SharedWords;
  readonly #threads: VirtualThread[] = [];
  readonly #lives: Life[] = [];
  #signals: Signal[] = [];
  #clock = 0;
  #hashA = 0;
  #hashB = 0;
  #killsLeft: number;
  readonly #counts = { kills: 0, stalls: 0, late: 0, doubled: 0, lost: 0, lostWakes: 0 };
  readonly #direct: Gate;

  constructor(stage: Stage, seed: number) {
    this.#random = randomFrom(seed);
    const threads = 3 + this.#random.int(4);
    this.#killsLeft = this.#random.int(threads);
    this.#room = new MachineRoom(stage, threads, CHUNKS);
    this.#memory = new SharedWords(this.#room.words);
    const memory = this.#memory;
    this.#direct = { access: (kind, index, a, b) => perform(memory, kind, index, a, b) };
    this.#room.enter();
    const make = (region: Region, pool: Pool): number[] =>
      makeDocumentedLists(this.#room, region, pool);
    through(this.#direct, () => this.#room.prepare(make));
    memory.begin();
    for (let place = 0; place < threads; place++) {
      const program = programOf(this.#room, place, this.#random.next(), 6 + this.#random.int(24));
      this.#threads.push(
        new VirtualThread(place, program, memory, (thread, kind, index, value) =>
          this.#saw(thread.place, kind, index, Number(BigInt.asIntN(32, BigInt(value)))),
        ),
      );
      this.#lives.push({ status: AWAKE, until: 0, isDeaf: false });
    }
  }

  #saw(place: number, kind: number, index: number, value: number): void {
    this.#clock++;
    this.#hashA = mix(this.#hashA, index * 32 + kind, value ^ place);
    this.#hashB = mix(this.#hashB ^ 0x5bd1_e995, value, (index * 32 + kind) ^ (place << 27));
  }

  run(): void {
    this.#room.enter();
    for (;;) {
      this.#memory.begin(); // nothing is taken back
      this.#memory.write(this.#room.clock, this.#clock);
      this.#deliver();
      this.#wake();
      const ready = this.#lives.flatMap(({ status }, place) => (status === AWAKE ? [place] : []));
      if (ready.length === 0) {
        if (!this.#waitForEvent()) return;
        continue;
      }
      this.#turn(this.#random.pick(ready));
      if (this.#clock > STEPS_MAX) throw new Error(`no end is in sight: ${this.#situation()}`);
    }
  }

  /** Moves the clock to whatever happens next. Gives back false when nothing ever will. */
  #waitForEvent(): boolean {
    let next = Number.POSITIVE_INFINITY;
    for (const { status, until } of this.#lives)
      if (status === ASLEEP || status === STALLED) next = Math.min(next, until);
    for (const { at } of this.#signals) next = Math.min(next, at);
    if (next === Number.POSITIVE_INFINITY) return false;
    this.#clock = Math.max(this.#clock, next);
    return true;
  }

  #turn(place: number): void {
    const thread = this.#threads[place] as VirtualThread;
    const life = this.#lives[place] as Life;
    const outcome = this.#played(thread);
    if (outcome === null) {
      this.#end(place);
      return;
    }
    if (outcome === TURN.OVER) life.status = GONE;
    else if (outcome === TURN.ASLEEP) {
      life.status = ASLEEP;
      life.until = this.#clock + SLEEP;
      life.isDeaf = this.#random.int(4) === 0;
    }
    if (life.status === GONE) return;
    // The first thread is never ended: it is the one that lives longest, and hears all others.
    if (place > 0 && this.#killsLeft > 0 && this.#random.int(24) === 0) this.#kill(place);
    else if (outcome === TURN.LEFT && this.#random.int(40) === 0) {
      this.#counts.stalls++;
      life.status = STALLED;
      life.until = this.#clock + this.#random.int(STALL_MAX);
    }
  }

  /** Runs a thread for a while; null: it has ended by itself, as it is. */
  #played(thread: VirtualThread): number | null {
    try {
      return thread.run(this.#sliceLength());
    } catch (error) {
      if (error instanceof EndsAsItIs) return null;
      throw error;
    }
  }

  /** Mostly a few accesses; now and then a whole call or more. */
  #sliceLength(): number {
    const dice = this.#random.int(10);
    if (dice < 3) return 1 + this.#random.int(4);
    return 1 + this.#random.int(dice < 7 ? 60 : 500);
  }

  #kill(place: number): void {
    this.#killsLeft--;
    this.#end(place);
  }

  /** The thread is over, and the others are told, or not. */
  #end(place: number): void {
    this.#counts.kills++;
    (this.#lives[place] as Life).status = DEAD;
    this.#memory.write(this.#room.deathOf(place), 1);
    const signals = this.#signals.length;
    for (let by = 0; by < this.#threads.length; by++) {
      if (by === place || this.#random.int(3) === 0) continue;
      const at = this.#clock + this.#random.int(SIGNAL_MAX);
      this.#signals.push({ at, dead: place, by });
      this.#counts.late++;
      if (this.#random.int(3) > 0) continue;
      this.#counts.doubled++;
      this.#signals.push({ at: at + this.#random.int(SIGNAL_MAX), dead: place, by });
    }
    if (this.#signals.length === signals) this.#counts.lost++;
    // Whoever heard it may be ended before it is done, so somebody looks at all threads in the end.
    this.#signals.push({ at: this.#clock + LOOK, dead: place, by: -1 });
  }

  #deliver(): void {
    const due = this.#signals.filter(({ at }) => at <= this.#clock);
    if (due.length > 0) this.#signals = this.#signals.filter(({ at }) => at > this.#clock);
    for (const { dead, by } of due) {
      const listener = by < 0 ? 0 : by;
      const { status } = this.#lives[listener] as Life;
      if (status === GONE || status === DEAD) continue;
      const inbox = this.#room.inboxOf(listener);
      this.#memory.write(inbox, this.#memory.read(inbox) | (1 << dead));
    }
    const others = this.#lives.slice(1);
    const isOver = others.every(({ status }) => status === GONE || status === DEAD);
    if (isOver && this.#signals.length === 0) this.#memory.write(this.#room.over, 1);
  }

  #wake(): void {
    this.#lives.forEach((life, place) => {
      const thread = this.#threads[place] as VirtualThread;
      const isUp = this.#clock >= life.until;
      if (life.status === STALLED && isUp) life.status = AWAKE;
      if (life.status !== ASLEEP) return;
      const hasChanged = this.#memory.read(thread.sleepsOn) !== thread.sleepsWhile;
      if (!isUp && (!hasChanged || life.isDeaf)) return;
      if (hasChanged && life.isDeaf) this.#counts.lostWakes++;
      life.status = AWAKE;
      thread.awake();
    });
  }

  /** What must hold when all have left or are dead. */
  check(): void {
    const { stage, machine } = this.#room;
    const stuck = this.#lives.findIndex(({ status }) => status !== GONE && status !== DEAD);
    assert.equal(stuck, -1, `thread ${stuck} waits for ever`);
    through(this.#direct, () => {
      const region = machine.region();
      // A recoverer that died between a block and its count leaves the count off by one.
      const isCounted = this.#counts.kills < 2;
      const { problems } = stage.recovery.audit(region);
      const serious = problems.filter((problem) => isCounted || !problem.startsWith("AU-3"));
      assert.deepEqual(serious, [], "the audit found problems");
      assert.equal(stage.threads.attachedThreads(region), 0, "a number is still taken");
      for (const lock of ["RUN_LOCK", "SET_LOCK", "BUDGET_LOCK"] as const)
        assert.equal(this.#memory.read(stage.memory.HEADER[lock]) & 0xff, 0, `${lock} is held`);
      this.#deleteLists(region);
      this.#endDocumentedLists(region);
    });
    const { blocks, problems } = auditPool(machine.rawRegion(this.#memory.words));
    const serious = problems.filter((problem) => !problem.startsWith("tag "));
    assert.deepEqual(serious, [], "the pool is not sound");
    assert.deepEqual(blocks, [], "blocks are in use when everybody is gone");
  }

  /** What is still held of the documented lists then, the dead had. */
  #endDocumentedLists(region: Region): void {
    const { stage, machine } = this.#room;
    const { thread } = stage.threads.claimThread(region, { host: 98, ancestors: [] });
    const pool = machine.poolOf(thread, region);
    endDocumentedLists(this.#room, region, pool);
    const { blocks } = auditPool(machine.rawRegion(this.#memory.words));
    const left = blocks.filter(
      (block) => stage.pool.tagAt(region, block.tagIndex) === DOCUMENTED_TAG,
    );
    const lost = left.length - this.#room.documented.length;
    assert.ok(
      lost === 0 || this.#counts.kills > 0,
      `${lost} blocks are held, and nobody was ended`,
    );
    for (const { address } of left) assert.equal(pool.free(address, -1), 0);
  }

  #deleteLists(region: Region): void {
    const { stage, machine } = this.#room;
    const { thread } = stage.threads.claimThread(region, { host: 99, ancestors: [] });
    const pool = machine.poolOf(thread, region);
    for (const place of stage.list.recordPlaces(region)) {
      const name = stage.list.nameOfRecord(place);
      const size =
        place.words === undefined ? 0 : this.#memory.read(place.at + stage.list.RECORD.SIZE);
      const budget = new stage.list.ParkedBudget(region, thread);
      const options = { tag: name, name, size } as const;
      new stage.list.BlockList(region, pool, budget, options).delete();
    }
    this.#room.channel(region, pool, { name: "sim", capacity: 4 }).delete();
  }

  /** Where every thread is, in words. */
  #situation(): string {
    const states = this.#lives.map(({ status }, place) => {
      const { sleepsOn, steps } = this.#threads[place] as VirtualThread;
      const where = sleepsOn >= 0 ? ` on ${this.#room.nameOf(sleepsOn, this.#memory.words)}` : "";
      return `thread ${place + 1} is ${STATUS_NAMES[status]}${where} after ${steps} accesses`;
    });
    return states.join(", ");
  }

  outcome(seed: number): Outcome {
    const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, "0");
    return {
      seed,
      hash: hex(this.#hashA) + hex(this.#hashB),
      steps: this.#threads.reduce((sum, { steps }) => sum + steps, 0),
      milliseconds: Math.round(this.#clock / 1_000),
      threads: this.#threads.length,
      ...this.#counts,
    };
  }
}

/** Runs the simulation of a seed. @throws {Error} whose message names the seed and what did not hold */
export function simulate(stage: Stage, seed: number): Outcome {
  const simulation = new Simulation(stage, seed);
  try {
    simulation.run();
    simulation.check();
  } catch (cause) {
    const { hash, steps } = simulation.outcome(seed);
    const why = (cause as Error)?.message ?? String(cause);
    throw new Error(`seed ${seed} failed after ${steps} accesses, trace ${hash}: ${why}`, {
      cause,
    });
  }
  return simulation.outcome(seed);
}
