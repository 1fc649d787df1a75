/**
 * Low-resource simulation as Driver Verifier has it: a share of allocations fails on purpose, chosen
 * by a seeded generator, so that the same seed fails the same allocations of a thread.
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
  /** Fail only allocations under these tags. Default: all. */
  readonly tags?: readonly number[];
  /** Let this many allocations of the thread pass first. Default 0. */
  readonly after?: number;
  /** Fail exactly the n-th allocation that the filters let through (1 is the first), and no other. */
  readonly onlyNth?: number;
}

const LOW_RESOURCES_OPTIONS = ["perTenThousand", "seed", "tags", "after", "onlyNth"];

/** One thread's simulation. */
export class LowResources {
  readonly #perTenThousand: number;
  readonly #tags: ReadonlySet<number> | null;
  readonly #onlyNth: number;
  #passes: number;
  #seen = 0;
  #random: number;

  /** @throws {LookasideError} ERR_OPTION */
  constructor(options: LowResourcesOptions = {}, thread = 1) {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new LookasideError(
        "ERR_OPTION",
        `Cannot use ${show(options)} as low resources: it must be an object`,
      );
    }
    onlyKnown("low resources", options, LOW_RESOURCES_OPTIONS);
    this.#perTenThousand = wholeNumber("perTenThousand", options.perTenThousand ?? 600, 0, 10_000);
    const seed = wholeNumber("seed", options.seed ?? 1, 0, 0xffff_ffff);
    this.#random = (seed ^ Math.imul(thread, 0x9e37_79b1)) | 0;
    this.#passes = wholeNumber("after", options.after ?? 0, 0, Number.MAX_SAFE_INTEGER);
    this.#onlyNth = wholeNumber("onlyNth", options.onlyNth ?? 0, 0, Number.MAX_SAFE_INTEGER);
    if (options.tags !== undefined && !Array.isArray(options.tags)) {
      throw new LookasideError(
        "ERR_OPTION",
        `Cannot use ${show(options.tags)} as tags: it must be an array`,
      );
    }
    this.#tags = options.tags
      ? new Set(options.tags.map((tag) => wholeNumber("tags", tag, 0, 0xffff_ffff)))
      : null;
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
