/**
 * The simulation of low resources in force: the same settings for every thread of a system, as Driver
 * Verifier has one for the whole machine; each thread draws from a stream of its own.
 *
 * ```
 *   SIMULATION                 word   0         1         2       3     4, 5    6, 7     8       9 ..
 *   +--------------------+          +---------+---------+-------+-----+-------+--------+-------+--------+
 *   | in force, 0: none  |          | serial  | of ten  | all   | seed| after | only   | count | tags   |
 *   +--------------------+          |         | thousand| tags? |     |       | nth    |       |        |
 *                                   +---------+---------+-------+-----+-------+--------+-------+--------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | SIMULATION, and the others | the holder of the run lock; read by anyone |
 *
 * While it is in force, a bit of HEADER.CAREFUL keeps every thread from the pool's short way, which looks at
 * that word anyway: so a simulation that is off costs a hit nothing.
 *
 * A writer makes SIMULATION 0, writes the settings under the next serial, then makes SIMULATION that serial.
 * A reader that finds a serial in force that it does not know reads the settings, and takes them if the
 * serial is still in force. A serial comes once in 2^32 writings. A writer that dies leaves either no
 * simulation or the whole one.
 */
import {
  acquireLock,
  and,
  CAREFUL_SIMULATING,
  HEADER,
  load,
  or,
  type Region,
  releaseLock,
  store,
} from "../memory/index.js";
import { completeLowResources, LowResources, type LowResourcesOptions } from "./low-resources.js";

const SERIAL = HEADER.SIMULATION + 1;
const PER_TEN_THOUSAND = HEADER.SIMULATION + 2;
const ALL_TAGS = HEADER.SIMULATION + 3;
const SEED = HEADER.SIMULATION + 4;
const AFTER = HEADER.SIMULATION + 5;
const ONLY_NTH = HEADER.SIMULATION + 7;
const TAG_COUNT = HEADER.SIMULATION + 9;
const TAGS = HEADER.SIMULATION + 10;

/** Writes a whole number up to 2^53 in two words. */
function storeLong(region: Region, at: number, value: number): void {
  store(region.words, at, value | 0);
  store(region.words, at + 1, Math.floor(value / 2 ** 32));
}

function loadLong(region: Region, at: number): number {
  return (load(region.words, at) >>> 0) + load(region.words, at + 1) * 2 ** 32;
}

/**
 * Turns the simulation on in every thread of the system, or off with null. Each thread's stream begins anew.
 * @throws {LookasideError} ERR_OPTION, ERR_LOCK_STALLED
 */
export function simulateIn(
  region: Region,
  thread: number,
  options: LowResourcesOptions | null | undefined,
): void {
  const settings = options === null ? null : completeLowResources(options);
  const { words } = region;
  acquireLock(words, HEADER.RUN_LOCK, thread);
  try {
    store(words, HEADER.SIMULATION, 0);
    if (settings === null) {
      and(words, HEADER.CAREFUL, ~CAREFUL_SIMULATING);
      return;
    }
    or(words, HEADER.CAREFUL, CAREFUL_SIMULATING); // before anything is in force: it must not be missed
    const serial = (load(words, SERIAL) + 1) | 0 || 1;
    store(words, SERIAL, serial);
    store(words, PER_TEN_THOUSAND, settings.perTenThousand);
    store(words, ALL_TAGS, settings.tags === null ? 1 : 0);
    store(words, SEED, settings.seed | 0);
    storeLong(region, AFTER, settings.after);
    storeLong(region, ONLY_NTH, settings.onlyNth);
    const tags = settings.tags ?? [];
    store(words, TAG_COUNT, tags.length);
    tags.forEach((tag, at) => {
      store(words, TAGS + at, tag | 0);
    });
    store(words, HEADER.SIMULATION, serial); // last: who sees it finds the settings
  } finally {
    releaseLock(words, HEADER.RUN_LOCK);
  }
}

/** One thread's part in it. */
export class Simulation {
  readonly #region: Region;
  readonly #thread: number;
  #serial = 0;
  #stream: LowResources | null = null;

  constructor(region: Region, thread: number) {
    this.#region = region;
    this.#thread = thread;
  }

  /** Whether an allocation of this thread under a tag is to fail. Called while a simulation is in force. */
  shouldFail(tag: number): boolean {
    const serial = load(this.#region.words, HEADER.SIMULATION);
    if (serial !== this.#serial) this.#renew(serial);
    return serial !== 0 && this.#stream !== null && this.#stream.shouldFail(tag);
  }

  /** Takes the settings of a serial, or none when they are changed meanwhile: the next call looks again. */
  #renew(serial: number): void {
    const stream = serial === 0 ? null : this.#read();
    const isInForce = load(this.#region.words, HEADER.SIMULATION) === serial;
    this.#serial = isInForce ? serial : 0;
    this.#stream = isInForce ? stream : null;
  }

  #read(): LowResources | null {
    const region = this.#region;
    const { words } = region;
    const count = load(words, TAG_COUNT);
    const tags = Array.from({ length: count }, (_, at) => load(words, TAGS + at) >>> 0);
    const settings = {
      perTenThousand: load(words, PER_TEN_THOUSAND),
      seed: load(words, SEED) >>> 0,
      tags: load(words, ALL_TAGS) === 1 ? null : tags,
      after: loadLong(region, AFTER),
      onlyNth: loadLong(region, ONLY_NTH),
    };
    return new LowResources(settings, this.#thread);
  }
}
