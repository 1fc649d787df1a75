/**
 * Low-resource simulation as Driver Verifier has it: a share of allocations fails on purpose, chosen
 * by a seeded generator, so that the same seed fails the same allocations of a thread. How the threads of a
 * system share one: simulation.ts.
 */
import { LookasideError, onlyKnown, show, wholeNumber } from "../base/index.js";

/** What to fail. */
export interface LowResourcesOptions {
  /**
   * Share of allocations that fail, in ten-thousandths: 0 to 10,000. Default 600, as Driver Verifier
   * has it.
   */
  readonly perTenThousand?: number;
  /** Seed of the choice: 0 to 4,294,967,295. Default 1. */
  readonly seed?: number;
  /** Fail only allocations under these tags, at most 200 of them. Default: all. */
  readonly tags?: readonly number[];
  /** Let this many allocations of each thread pass first. Default 0. */
  readonly after?: number;
  /**
   * Fail exactly the n-th allocation of each thread that the filters let through (1 is the first), and no
   * other.
   */
  readonly onlyNth?: number;
}

const LOW_RESOURCES_OPTIONS = ["perTenThousand", "seed", "tags", "after", "onlyNth"];

/** Tags that a simulation can name at most. */
export const LOW_RESOURCES_TAGS_MAX = 200;

/** The same, checked and complete; null stands for all tags, 0 for no n-th. */
export interface LowResourcesSettings {
  readonly perTenThousand: number;
  readonly seed: number;
  readonly tags: readonly number[] | null;
  readonly after: number;
  readonly onlyNth: number;
}

/** Checks options. @throws {LookasideError} ERR_OPTION */
export function completeLowResources(options: LowResourcesOptions = {}): LowResourcesSettings {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LookasideError(
      "ERR_OPTION",
      `Cannot use ${show(options)} as low resources: it must be an object`,
    );
  }
  onlyKnown("low resources", options, LOW_RESOURCES_OPTIONS);
  return {
    perTenThousand: wholeNumber("perTenThousand", options.perTenThousand ?? 600, 0, 10_000),
    seed: wholeNumber("seed", options.seed ?? 1, 0, 0xffff_ffff),
    after: wholeNumber("after", options.after ?? 0, 0, Number.MAX_SAFE_INTEGER),
    onlyNth: wholeNumber("onlyNth", options.onlyNth ?? 0, 0, Number.MAX_SAFE_INTEGER),
    tags: tagsOf(options.tags),
  };
}

function tagsOf(tags: readonly number[] | undefined): readonly number[] | null {
  if (tags === undefined) return null;
  if (!Array.isArray(tags)) {
    const message = `Cannot use ${show(tags)} as tags: it must be an array`;
    throw new LookasideError("ERR_OPTION", message);
  }
  const all = [...new Set(tags.map((tag) => wholeNumber("tags", tag, 0, 0xffff_ffff)))];
  if (all.length <= LOW_RESOURCES_TAGS_MAX) return all;
  const message = `Cannot simulate with ${all.length} tags: at most ${LOW_RESOURCES_TAGS_MAX} fit`;
  throw new LookasideError("ERR_OPTION", message);
}

/** One thread's stream of choices. */
export class LowResources {
  readonly #perTenThousand: number;
  readonly #tags: ReadonlySet<number> | null;
  readonly #onlyNth: number;
  #passes: number;
  #seen = 0;
  #random: number;

  constructor(settings: LowResourcesSettings, thread: number) {
    this.#perTenThousand = settings.perTenThousand;
    this.#random = (settings.seed ^ Math.imul(thread, 0x9e37_79b1)) | 0;
    this.#passes = settings.after;
    this.#onlyNth = settings.onlyNth;
    this.#tags = settings.tags === null ? null : new Set(settings.tags);
  }

  /** Whether this allocation is to fail. */
  shouldFail(tag: number): boolean {
    if (this.#tags !== null && !this.#tags.has(tag >>> 0)) return false;
    if (this.#passes > 0) {
      this.#passes--;
      return false;
    }
    this.#seen++;
    if (this.#onlyNth > 0) return this.#seen === this.#onlyNth;
    return this.#next() % 10_000 < this.#perTenThousand;
  }

  /** mulberry32: small, and good enough to choose with. */
  #next(): number {
    this.#random = (this.#random + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
