/**
 * The parts of a snapshot as tables of plain cells: for CSV, and for text where the debugger has no layout of
 * its own. Column names are those of the schema.
 */
import type { ListSnapshot, Snapshot } from "../../system/index.js";
import { clean, widthOf } from "../terminal/text.js";
import type { Cell } from "./csv.js";

/** Which part. */
export type TableName = "lists" | "tags" | "pools" | "threads" | "rings";

/** Titles, then rows. */
export type Cells = readonly (readonly Cell[])[];

const LIST_FIELDS = [
  "kind",
  "id",
  "name",
  "tag",
  "pool",
  "size",
  "depth",
  "maximumDepth",
  "policy",
  "allocates",
  "allocateMisses",
  "allocateHitRate",
  "frees",
  "freeMisses",
  "freeHitRate",
  "parked",
  "parkedBytes",
  "held",
  "heldBytes",
  "trimmed",
  "reserved",
  "obtained",
  "failures",
  "refills",
  "spills",
  "adopted",
  "refused",
  "deleted",
  "family",
  "type",
  "address",
  "thread",
] as const;

const TAG_FIELDS = ["tag", "pool", "allocs", "frees", "blocks", "bytes", "peakBytes"] as const;

const POOL_FIELDS = [
  "pool",
  "limitBytes",
  "usedBytes",
  "peakBytes",
  "slabs",
  "slabBytes",
  "runs",
  "runBytes",
  "allocs",
  "frees",
  "blocks",
  "bytes",
] as const;

const THREAD_FIELDS = ["thread", "status", "host", "epoch"] as const;

const RING_FIELDS = [
  "thread",
  "open",
  "parked",
  "limit",
  "allocates",
  "allocateMisses",
  "frees",
  "freeMisses",
  "refills",
  "spills",
  "adopted",
] as const;

type Fields = Readonly<Record<string, Cell>>;

/** Records as cells; what a record does not have is empty. */
function cellsOf(names: readonly string[], records: readonly object[]): Cells {
  return [names, ...records.map((record) => names.map((name) => (record as Fields)[name]))];
}

function ringsOf(lists: readonly ListSnapshot[]): object[] {
  return lists.flatMap((list) =>
    list.kind === "block"
      ? list.rings.map((ring) => ({ list: list.name, tag: list.tag, ...ring }))
      : [],
  );
}

/** One part of a snapshot. */
export function tableOf(snapshot: Snapshot, name: TableName): Cells {
  switch (name) {
    case "lists":
      return cellsOf(LIST_FIELDS, snapshot.lists);
    case "tags":
      return cellsOf(TAG_FIELDS, snapshot.tags);
    case "pools":
      return cellsOf(POOL_FIELDS, snapshot.pools);
    case "threads":
      return cellsOf(THREAD_FIELDS, snapshot.threads);
    case "rings":
      return cellsOf(["list", "tag", ...RING_FIELDS], ringsOf(snapshot.lists));
  }
}

/** A table as lines of text: numbers at the right of their column, all else at the left. */
export function tableText(cells: Cells): string {
  const texts = cells.map((row) =>
    row.map((cell) => clean(cell === null ? "-" : String(cell ?? ""))),
  );
  const widths = (texts[0] ?? []).map((_, at) =>
    texts.reduce((most, row) => Math.max(most, widthOf(row[at] ?? "")), 0),
  );
  const numeric = widths.map((_, at) => cells.slice(1).every((row) => typeof row[at] !== "string"));
  return texts
    .map((row) =>
      row
        .map((text, at) => {
          const padding = " ".repeat((widths[at] ?? 0) - widthOf(text));
          return numeric[at] === true ? padding + text : text + padding;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
