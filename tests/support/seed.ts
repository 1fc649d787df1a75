/**
 * Random numbers that can be run again.
 *
 * A test that draws at random is worth nothing if its failure cannot be repeated. So every such test takes
 * its numbers from here: the seed comes from the environment variable LOOKASIDE_SEED or is fresh, and the
 * line that runs the same file with the same seed is printed before the first number is drawn.
 *
 * Between threads, hand `seed + rank` on and make a generator there: a generator itself cannot be posted.
 */

/** A seeded generator (mulberry32, by Tommy Ettinger): small, fast, of good quality for tests. */
export interface Random {
  /** What makes the same numbers again; also a good seed for fast-check. */
  readonly seed: number;
  /** A whole number from 0 to 2^32 - 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
}

/** The generator of a seed; prints nothing. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (below: number): number => {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`Cannot draw below ${below}: it must be a whole number from 1 to 2^32`);
    }
    return Math.floor((next() / 2 ** 32) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new RangeError("Cannot pick from an empty array");
    return items[int(items.length)] as Item;
  };
  return { seed: seed >>> 0, next, int, pick };
}

/** The seed of this run: the one asked for, or a fresh one. */
export function seedOfRun(asked: string | undefined): number {
  if (asked === undefined || asked === "") {
    const { crypto } = globalThis as { crypto?: Crypto };
    const fresh = crypto?.getRandomValues(new Uint32Array(1))[0];
    return fresh ?? Math.imul(Date.now(), 0x9e3779b1) >>> 0; // an AudioWorklet has no crypto
  }
  const seed = Number(asked);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`LOOKASIDE_SEED is "${asked}": it must be a whole number below 2^32`);
  }
  return seed;
}

/** The command that runs a test file again with a seed. */
export function rerunLine(seed: number, testUrl: string): string {
  const path = testUrl.replace(/[?#].*$/, "");
  const name = path.slice(path.lastIndexOf("/tests/") + 1).replace(/\.js$/, ".ts");
  return `LOOKASIDE_SEED=${seed} npm test -- ${name}`;
}

/**
 * The generator of a test file; prints how to run it again.
 *
 * @example
 * ```ts
 * const random = seeded(import.meta.url);
 * ```
 */
export function seeded(testUrl: string): Random {
  const asked = typeof process === "undefined" ? undefined : process.env["LOOKASIDE_SEED"];
  const seed = seedOfRun(asked);
  console.log(`run again with: ${rerunLine(seed, testUrl)}`);
  return randomFrom(seed);
}
