/**
 * Turns the verifier on in one thread's system. Off, nothing of it is there: the lists are the plain ones,
 * and a program that does not import this door does not load it.
 */
import { LookasideError, onlyKnown, show, wholeNumber } from "../base/index.js";
import type { System } from "../system/index.js";
import { type DroppedBlock, VerifiedBlockList } from "./verified-list.js";

/** What is looked at. */
export interface VerifierOptions {
  /** One allocation in so many is noted with its call site: 1 is every one, 0 none. Default 0. */
  readonly sampleSites?: number;
  /**
   * Told of blocks whose `Block` was dropped without `free`: once for each call site, or once for each list
   * where it is not known. Default: `process.emitWarning` where there is one, else nothing.
   */
  readonly dropped?: (block: DroppedBlock) => void;
}

const SAMPLE_MAX = 1_000_000_000;

interface Host {
  readonly process?: { emitWarning?(message: string, options: object): void };
}

function warn({ list, tag, address, site }: DroppedBlock): void {
  const { process } = globalThis as Host;
  const from = site === null ? "sample its call sites to see from where" : `allocated at ${site}`;
  process?.emitWarning?.(
    `A block of list ${show(list)} (tag ${show(tag)}) at 0x${address.toString(16)} was dropped ` +
      `without free: ${from}`,
    { type: "LookasideWarning", code: "LOOKASIDE_DROPPED" },
  );
}

/** Tells the first block of each site. */
function oncePerSite(tell: (block: DroppedBlock) => void): (block: DroppedBlock) => void {
  const told = new Set<string>();
  return (block) => {
    const key = block.site ?? `\0${block.list}`;
    if (told.has(key)) return;
    told.add(key);
    tell(Object.freeze(block));
  };
}

/**
 * Verifies the block lists that this thread opens from now on: `system.leaks()` and `system.assertEmpty()`
 * tell from which lines of the program blocks are held, and blocks that are dropped without `free` are told
 * of. Lists that are open already stay as they are. A verified call costs about a microsecond more, a sampled
 * one ten; lists of other threads and systems cost nothing more. Gives back what ends it for lists that are
 * opened later.
 *
 * @example
 * ```ts
 * const system = System.create();
 * verify(system, { sampleSites: 1 });
 * const frames = system.blockList({ tag: "Fram", size: 1_536 });
 * frames.allocate()?.free(); // the program under test
 * system.assertEmpty(); // throws with every block that is still held, and from where
 * system.detach();
 * ```
 * @throws {LookasideError} ERR_OPTION; ERR_ARGUMENT when the system is verified already
 */
export function verify(system: System, options: VerifierOptions = {}): () => void {
  onlyKnown("the verifier", options, ["sampleSites", "dropped"]);
  const sampleSites = wholeNumber("sampleSites", options.sampleSites ?? 0, 0, SAMPLE_MAX);
  const dropped = options.dropped ?? warn;
  if (typeof dropped !== "function") {
    const message = `Cannot use ${show(dropped)} as dropped: it must be a function`;
    throw new LookasideError("ERR_OPTION", message);
  }
  const verified = { sampleSites, dropped: oncePerSite(dropped) };
  const lists = new Map<string, VerifiedBlockList>();
  return system.instrument({
    makeList: (region, pool, budget, listOptions) => {
      const list = new VerifiedBlockList(region, pool, budget, listOptions, verified);
      lists.set(list.name, list);
      return list;
    },
    sitesOf: (name) => Object.freeze(lists.get(name)?.sites() ?? []),
  });
}
