/**
 * What the pools of the demo's system hold, for the report.
 */
import { CHUNK_BYTES, TAGS_MAX } from "../../base/index.js";
import { HEADER, load } from "../../memory/index.js";
import { tagUsage } from "../../pool/index.js";
import type { System } from "../../system/index.js";

/** Names of the kinds of pool, by their numbers. */
const POOLS = ["nonPaged", "paged"] as const;
type PoolName = (typeof POOLS)[number];

/** One pool, in bytes of whole chunks. */
export interface PoolReport {
  readonly pool: PoolName;
  readonly limitBytes: number;
  /** Bytes of its slabs and runs, now and at most ever. */
  readonly usedBytes: number;
  readonly peakBytes: number;
}

/** What one pool charges to one tag: parked blocks too, since a list holds them. */
export interface TagReport {
  readonly tag: string;
  readonly pool: PoolName;
  readonly allocs: number;
  readonly frees: number;
  readonly blocks: number;
  /** Bytes held now, as asked for. */
  readonly bytes: number;
}

/** Both pools. */
export function poolsOf({ region }: System): readonly PoolReport[] {
  return POOLS.map((pool, kind) => {
    const bytes = (word: number): number => load(region.words, word + kind) * CHUNK_BYTES;
    return {
      pool,
      limitBytes: bytes(HEADER.CHUNK_LIMIT),
      usedBytes: bytes(HEADER.CHUNKS_USED),
      peakBytes: bytes(HEADER.CHUNKS_PEAK),
    };
  });
}

/** Every tag that was ever used. */
export function tagsOf({ region }: System): readonly TagReport[] {
  const reports: TagReport[] = [];
  for (let index = 0; index < TAGS_MAX; index++) {
    for (const [kind, pool] of POOLS.entries()) {
      const { tag, allocs, frees, bytes } = tagUsage(region, index, kind);
      if (allocs === 0 && frees === 0) continue;
      reports.push({ tag: textOf(tag), pool, allocs, frees, blocks: (allocs - frees) | 0, bytes });
    }
  }
  return reports;
}

/** The four characters of a tag; what cannot be printed as a dot. */
function textOf(tag: number): string {
  return [0, 8, 16, 24]
    .map((shift) => String.fromCharCode((tag >>> shift) & 0xff))
    .join("")
    .replace(/[^ -~]/g, ".");
}
