/**
 * The README's table of runtimes, made of `docs/runtimes.json` and `differences.json` and of nothing else.
 */
import { type Difference, differencesOf } from "./differences.js";
import type { Result, Results } from "./result.js";

const START = "<!-- runtimes -->";
const END = "<!-- /runtimes -->";

/** Which runtimes a table has, in order. */
export type Labels = readonly { readonly name: string; readonly label: string }[];

/** The table as lines of Markdown, and below it a list of what differs, by the numbers in its last column. */
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
    "| runtime | version | tests passed | | differs in |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join("\n");
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
  if (result.outcome === "not run") return ["", "", `**not run**: ${result.reason}`];
  const { version, passed, failures, outcome } = result;
  const total = passed + failures.length;
  return [version, `${passed} of ${total}`, outcome === "passed" ? "passed" : "**failed**"];
}
