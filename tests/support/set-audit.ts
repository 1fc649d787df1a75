/**
 * The set of lists held against its own invariants: both ways round, every descriptor where one may
 * lie, in the set of its kind. For a system that stands still.
 */
import { FIELD } from "#src/list/index.js";
import { HEADER, type Region } from "#src/memory/index.js";
import { blockAround } from "#src/pool/inspect.js";

const BLINK_BYTES = 8;

/** The lists that the sets lead to, and what is wrong with them, in sentences. */
export function auditSets(region: Region): { lists: number[]; problems: string[] } {
  region.cover(region.memory.buffer.byteLength);
  const lists: number[] = [];
  const problems: string[] = [];
  for (const kind of [0, 1]) {
    const forward = walk(region, kind, 0);
    const backward = walk(region, kind, BLINK_BYTES);
    if (forward === null || backward === null || `${backward.reverse()}` !== `${forward}`) {
      problems.push(`the set of kind ${kind} is not the same both ways round`);
      continue;
    }
    for (const list of forward) problems.push(...problemsOf(region, kind, list));
    lists.push(...forward);
  }
  return { lists, problems };
}

function walk(region: Region, kind: number, link: number): number[] | null {
  const head = HEADER.SET_HEADS * 4 + kind * 16;
  const found: number[] = [];
  for (
    let entry = wordAt(region, head + link);
    entry !== head;
    entry = wordAt(region, entry + link)
  ) {
    if (entry % 16 !== 0 || entry < region.layout.dataByte || found.length > 10_000) return null;
    found.push(entry - FIELD.ListEntry);
  }
  return found;
}

function wordAt(region: Region, address: number): number {
  return (region.words[address / 4] as number) >>> 0;
}

function problemsOf(region: Region, kind: number, list: number): string[] {
  const problems: string[] = [];
  const block = blockAround(region, list);
  if (block === null || block.kind !== 0 || block.parked)
    problems.push(`the list at ${list} does not lie in a held block of nonpaged pool`);
  const family = wordAt(region, list + 4) >>> 24;
  const kindOfFamily = [undefined, 0, 1, kind][family];
  if (kindOfFamily !== kind)
    problems.push(`the list at ${list} of family ${family} is in set ${kind}`);
  const isUnified = family === 3; // the others join the set of their family, whatever their Type
  if (isUnified && (wordAt(region, list + FIELD.Type) & 1) !== kind)
    problems.push(`the list at ${list} has entries of the other kind`);
  return problems;
}
