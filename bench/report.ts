/**
 * How results are printed: ratios first, then what they come from.
 */
import type { Results } from "./harness.js";
import { machineLines } from "./machine.js";
import { type Outcome, outcomes } from "./targets.js";

/** Results of all scenarios that were run. */
export type AllResults = Readonly<Record<string, Results>>;

function ratioText(ratio: number): string {
  return ratio >= 0.1 || ratio === 0 ? `${ratio.toFixed(2)}x` : `1/${(1 / ratio).toFixed(0)}x`;
}

/** A wanted ratio below 1 is wanted as a fraction: "1/6x", "1/1.9x". */
function wantedText(most: number): string {
  return most < 1 && most > 0 ? `1/${Number((1 / most).toFixed(2))}x` : ratioText(most);
}

/** One contender's line: its ratio to the first of the scenario that was run, then what it cost. */
function contenderLine(name: string, result: Results[string], first: number): string {
  if (result === undefined) return "";
  if ("notRun" in result) return `${"".padStart(10)}  ${name}: not run, ${result.notRun}`;
  const ratio = ratioText(result.nsPerOp / first).padStart(10);
  const cost = `${result.nsPerOp.toFixed(2).padStart(11)} ns ${String(result.bytesPerOp).padStart(9)} B`;
  return `${ratio} ${cost}  ${name}`;
}

function tableOf(all: AllResults): string {
  return Object.entries(all)
    .flatMap(([scenario, results]) => {
      const first = Object.values(results).find((result) => !("notRun" in result));
      const unit = first === undefined || "notRun" in first ? 1 : first.nsPerOp;
      const lines = Object.entries(results).map(([name, result]) =>
        contenderLine(name, result, unit),
      );
      return [`\n${scenario.padEnd(18)} per operation   garbage`, ...lines];
    })
    .join("\n");
}

/** An amount of its own, in units that people read. */
function amountText(value: number, measure: Outcome["target"]["measure"]): string {
  if (measure === "bytesPerOp") return `${Number(value.toFixed(2))} bytes`;
  return value < 1e6 ? `${Number(value.toFixed(2))} ns` : `${Number((value / 1e6).toFixed(1))} ms`;
}

/** What was wanted, against what, what it came to, what was wanted of it, and whether it was reached. */
function outcomeCells({ target, found, reached }: Outcome): readonly string[] {
  const { scenario, contender, against, most, measure } = target;
  const verdict = found === null ? "not run" : reached ? "reached" : "**not reached**";
  const text = (value: number): string =>
    against === null ? amountText(value, measure) : ratioText(value);
  const wanted = against === null ? text(most) : wantedText(most);
  return [scenario, contender, against ?? "", found === null ? "" : text(found), wanted, verdict];
}

/** The table for the README. */
export function markdownOf(all: AllResults): string {
  const rows = outcomes(all).map((outcome) => `| ${outcomeCells(outcome).join(" | ")} |`);
  return [
    `${machineLines()}:`,
    "",
    "| scenario | what | against | found | wanted at most | |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Everything, for people in front of a terminal. */
export function textOf(all: AllResults): string {
  const lines = outcomes(all).map((outcome) => {
    const [scenario = "", contender = "", against = "", found = "", most = "", verdict = ""] =
      outcomeCells(outcome);
    const what = against === "" ? contender : `${contender} / ${against}`;
    const numbers = `${found.padStart(10)} of ${most.padEnd(7)}`;
    return `  ${scenario.padEnd(18)} ${what.padEnd(52)} ${numbers} ${verdict}`;
  });
  return [machineLines(), tableOf(all), "\nratios", ...lines].join("\n");
}
