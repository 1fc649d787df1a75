/**
 * Lists in the layout of `!lookaside`, tags in that of poolmon, from a snapshot: the same text as the
 * reports of `lookaside/wdk` have for a machine of this process (a test compares them). Those take words of
 * 32 bits; a snapshot's counters are larger.
 */
import type { ListSnapshot, TagSnapshot } from "../../system/index.js";
import { typeNames } from "../../wdk/index.js";
import { tagKey, tagsByKey } from "../observe/rates.js";
import { clean, fit } from "../terminal/text.js";

function row(
  left: string,
  leftValue: string | number,
  right: string,
  rightValue: string | number,
): string {
  const value = String(leftValue).padEnd(12);
  return `  ${left.padEnd(16)} = ${value} ${right.padEnd(14)} = ${rightValue}`;
}

/** Hits in whole percent, cut; no calls show as 0. */
function hitRate(calls: number, misses: number): string {
  return `${calls === 0 ? 0 : Math.floor((100 * Math.max(0, calls - misses)) / calls)}%`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** The tag's word, unless a dot in its text may stand for a character that cannot be printed. */
function tagWord(tag: string): string {
  if (!/^[!-~ ]{4}$/.test(tag) || tag.includes(".")) return `Tag: "${clean(tag)}"`;
  const bytes = [...tag].map((character) => character.charCodeAt(0).toString(16));
  return `Tag(hex): 0x${bytes.toReversed().join("").toUpperCase()} "${tag}"`;
}

function heading(list: ListSnapshot): string {
  switch (list.kind) {
    case "documented":
      return `Lookaside "${list.family} list" @ 0x${hex(list.address, 8)}`;
    case "block":
      return `Lookaside "block list ${clean(list.name)}"`;
    case "object":
      return `Lookaside "object list ${clean(list.name)}"`;
  }
}

function typeText(list: ListSnapshot): string {
  switch (list.kind) {
    case "documented":
      return `${hex(list.type, 4)} ${typeNames(list.type)}`;
    case "block": {
      const pool = list.pool === "paged" ? "PagedPool" : "NonPagedPool";
      return `${pool}, policy ${clean(list.policy)}${list.deleted ? ", deleted" : ""}`;
    }
    case "object":
      return `objects of thread ${list.thread}, policy ${clean(list.policy)}`;
  }
}

/** One list as `!lookaside` shows it. "Max Depth" is the present limit, as in the debugger. */
export function lookasideText(list: ListSnapshot): string {
  return [
    `${heading(list)}  ${tagWord(list.tag)}`,
    `  Type             = ${typeText(list)}`,
    row("Current Depth", list.parked, "Max Depth", list.depth),
    row("Size", list.size, "Max Alloc", list.size * list.depth),
    row("AllocateMisses", list.allocateMisses, "FreeMisses", list.freeMisses),
    row("TotalAllocates", list.allocates, "TotalFrees", list.frees),
    row(
      "Hit Rate",
      hitRate(list.allocates, list.allocateMisses),
      "Hit Rate",
      hitRate(list.frees, list.freeMisses),
    ),
  ].join("\n");
}

const TYPES = { nonPaged: "Nonp", paged: "Paged" } as const;
const WIDTHS = [5, 5, 20, 20, 10, 22, 12];

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, at) => (at === 0 ? fit(cell, WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)))
    .join(" ")
    .trimEnd();
}

/** Tags as poolmon shows them, with what changed since an earlier snapshot in parentheses. */
export function poolmonText(
  tags: readonly TagSnapshot[],
  since: readonly TagSnapshot[] | null,
): string {
  const lines = [columns(["Tag", "Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"])];
  const earlier = since === null ? null : tagsByKey(since);
  for (const tag of tags) {
    if (tag.allocs === 0) continue;
    const last = earlier === null ? tag : earlier.get(tagKey(tag));
    const change = (of: "allocs" | "frees" | "bytes"): string =>
      `${tag[of]} (${tag[of] - (last?.[of] ?? 0)})`;
    lines.push(
      columns([
        clean(tag.tag),
        TYPES[tag.pool],
        change("allocs"),
        change("frees"),
        String(tag.blocks),
        change("bytes"),
        String(tag.blocks === 0 ? 0 : Math.floor(tag.bytes / tag.blocks)),
      ]),
    );
  }
  return lines.join("\n");
}
