/**
 * The README's table of runtimes, made of `docs/runtimes.json` and `differences.json` and of nothing else.
 */
import { type Difference, differencesOf } from "./differences.js";
import type { Result, Results } from "./result.js";

const START = "<!-- runtimes -->";
const END = "<!-- /runtimes -->";

/** Which runtimes a table has, in order. */
export type Labels = readonly { readonly name: string; readonly label: string }[];

/**
 * The table as lines of Markdown, and below it a list of what differs and why, by the numbers in its last
 * column.
 */
export function runtimesTable(
  labels: Labels,
  results: Results,
  differences: readonly Difference[],
): string {
  const notes: string[] = [];
  const numberOf = (what: string): number => {
    if (!notes.includes(what)) notes.push(what);
    return notes.indexOf(what) + 1;
  };
  const rows = labels.map(({ name, label }) => {
    const result = results[name] ?? { outcome: "not run", reason: "never asked for" };
    const what = differencesOf(differences, name).map((difference) => numberOf(difference.what));
    const numbers = [...new Set(what)].sort((one, other) => one - other);
    return `| ${label} | ${cellsOf(result).join(" | ")} | ${numbers.join(", ")} |`;
  });
  return [
    "| runtime | version | passed | failed | differ | skipped | files left out | | differs in |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    "Differ: tests that fail there, as they are known to. Skipped: tests that say themselves that they do",
    "not apply to this runtime or this machine.",
    "",
    ...notes.map((note, index) => `${index + 1}. *${note}*: ${reasonsOf(note, differences)}`),
  ].join("\n");
}

/** Why something differs, in the words of all entries that say so. */
function reasonsOf(what: string, differences: readonly Difference[]): string {
  const reasons = differences.filter((one) => one.what === what).flatMap(({ why }) => why ?? []);
  if (reasons.length === 0) throw new Error(`differences.json gives no reason: ${what}`);
  return [...new Set(reasons)].join(" ");
}

/** The document with the table between its markers. @throws when it has no markers */
export function withTable(document: string, table: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`Cannot place the table: ${START} … ${END} is missing`);
  return `${document.slice(0, start + START.length)}\n${table}\n${document.slice(end)}`;
}

function cellsOf(result: Result): string[] {
  if (result.outcome === "not run")
    return ["", "", "", "", "", "", `**not run**: ${result.reason}`];
  const { version, passed, failures, differs, skipped, leftOut, outcome } = result;
  const files = Object.values(leftOut).flat().length;
  const counts = [passed, failures.length, differs, skipped, files].map(String);
  return [version, ...counts, outcome === "passed" ? "passed" : "**failed**"];
}
