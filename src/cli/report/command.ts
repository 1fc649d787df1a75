/**
 * `lookaside report`: one snapshot, from a monitor, a file or standard input, as text, JSON or CSV.
 */
import type { Snapshot } from "../../system/index.js";
import { catalogued, type Given } from "../arguments.js";
import { REPORT } from "../catalog.js";
import { EXIT, UsageError } from "../failure.js";
import { fetchSnapshot } from "../observe/fetch-snapshot.js";
import { filePlace, snapshotPlace } from "../observe/place.js";
import { tagMatcher } from "../observe/tag-pattern.js";
import { counted } from "../terminal/amounts.js";
import { csv } from "./csv.js";
import { lookasideText, poolmonText } from "./debugger-layouts.js";
import { type TableName, tableOf, tableText } from "./tables.js";

/** The command. */
export const report = catalogued(REPORT, runReport);

async function runReport(given: Given): Promise<number> {
  demandSense(given);
  const place = snapshotPlace(given.operand);
  const since = given.value("since");
  const earlier = since === undefined ? null : await fetchSnapshot(filePlace(since));
  const whole = await fetchSnapshot(place);
  const { stdout } = process;
  if (given.has("json")) {
    stdout.write(`${JSON.stringify(whole)}\n`);
    return EXIT.OK;
  }
  const snapshot = onlyTags(whole, given.value("tag") ?? "");
  const table = given.value("table") as TableName | undefined;
  if (given.has("csv")) stdout.write(csv(tableOf(snapshot, table ?? "lists")));
  else stdout.write(`${reportText(snapshot, earlier, table)}\n`);
  return EXIT.OK;
}

/** @throws {UsageError} */
function demandSense(given: Given): void {
  const json = given.has("json");
  if (json && given.has("csv")) throw new UsageError("--json and --csv cannot be had together");
  const table = given.value("table");
  if (json && (table !== undefined || given.value("tag") !== undefined))
    throw new UsageError("--json prints all: --table and --tag are for text and CSV");
  if (given.value("since") === undefined) return;
  if (json || given.has("csv") || (table !== undefined && table !== "tags"))
    throw new UsageError("--since is for the table of tags as text");
}

function onlyTags(snapshot: Snapshot, pattern: string): Snapshot {
  const matches = tagMatcher(pattern);
  return {
    ...snapshot,
    lists: snapshot.lists.filter(({ tag }) => matches(tag)),
    tags: snapshot.tags.filter(({ tag }) => matches(tag)),
  };
}

/** The report for people: one table, or all but the rings. */
export function reportText(
  snapshot: Snapshot,
  earlier: Snapshot | null = null,
  table?: TableName,
): string {
  const part = (name: TableName): string => {
    if (name === "lists") return listsText(snapshot);
    if (name === "tags") return poolmonText(snapshot.tags, earlier?.tags ?? null);
    return tableText(tableOf(snapshot, name));
  };
  if (table !== undefined) return part(table);
  return [heading(snapshot), part("lists"), part("tags"), part("pools"), part("threads")].join(
    "\n\n",
  );
}

function listsText({ lists }: Snapshot): string {
  return lists.length === 0
    ? "No lookaside lists are in use"
    : lists.map(lookasideText).join("\n\n");
}

function heading({ takenAt, takenBy, state, stopCode, memory, recoveries }: Snapshot): string {
  const stopped = stopCode === null ? "" : ` by bug check 0x${stopCode.toString(16)}`;
  const { threads, parked, reclaimed, kept } = recoveries;
  const ended = counted(threads, "thread");
  const lines = [
    `Taken ${new Date(takenAt).toISOString()} by thread ${takenBy}; the system is ${state}${stopped}`,
    `Memory ${memory.bytes} of ${memory.maximumBytes} bytes, ${memory.bookkeepingBytes} for bookkeeping`,
  ];
  if (threads > 0) {
    lines.push(
      `Recovered ${ended}: ${parked} blocks were parked, ${reclaimed} reclaimed, ${kept} kept`,
    );
  }
  return lines.join("\n");
}
