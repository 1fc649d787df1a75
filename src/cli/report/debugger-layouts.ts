/**
 * Lists in the layout of `!lookaside`, tags in that of poolmon, from a snapshot: the same text as the
 * reports of `lookaside/wdk` have for a machine of this process (a test compares them). Those take words of
 * 32 bits; a snapshot's counters are larger.
 */
import {
  lookasideLayout,
  NO_NUMBERS,
  POOLMON_HEADING,
  POOLMON_TAG_WIDTH,
  poolmonRow,
} from "../../base/index.js";
import type { ListSnapshot, TagSnapshot } from "../../system/index.js";
import { typeNames } from "../../wdk/index.js";
import { tagKey, tagsByKey } from "../observe/rates.js";
import { clean, fit } from "../terminal/text.js";

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

/** One list as `!lookaside` shows it. */
export function lookasideText(list: ListSnapshot): string {
  return lookasideLayout(`${heading(list)}  ${tagWord(list.tag)}`, typeText(list), list);
}

const TYPES = { nonPaged: "Nonp", paged: "Paged" } as const;

/** Tags as poolmon shows them, with what changed since an earlier snapshot in parentheses. */
export function poolmonText(
  tags: readonly TagSnapshot[],
  since: readonly TagSnapshot[] | null,
): string {
  const lines = [POOLMON_HEADING];
  const earlier = since === null ? null : tagsByKey(since);
  for (const tag of tags) {
    if (tag.allocs === 0) continue;
    const last = earlier === null ? tag : (earlier.get(tagKey(tag)) ?? NO_NUMBERS);
    lines.push(poolmonRow(fit(clean(tag.tag), POOLMON_TAG_WIDTH), TYPES[tag.pool], tag, last));
  }
  return lines.join("\n");
}
