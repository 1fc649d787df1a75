/**
 * The bench command.
 *
 *   npm run bench                          a table, and what was reached
 *   npm run --silent bench -- --json      one JSON object: { scenario: { contender: { nsPerOp,
 * bytesPerOp } } }
 *   npm run bench -- --markdown           the table of the README
 *   … --scenario lists --quick            one scenario; tiny inputs, to see that it runs
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FULL, measure, QUICK, type Results } from "./harness.js";
import { SCENARIOS } from "./scenarios/index.js";
import { type Outcome, outcomes } from "./targets.js";

const folder = fileURLToPath(new URL("../../bench/", import.meta.url));

/** Rivals are installed on first use; without a network they are reported as not run. */
function installRivals(): void {
  if (existsSync(`${folder}node_modules`)) return;
  try {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch {
    console.error("The rivals could not be installed: they are reported as not run");
  }
}

/** One scenario must not see what the engine learned from another one. */
function inProcessOfItsOwn(scenario: string): Results {
  const script = fileURLToPath(import.meta.url);
  const output = execFileSync(process.execPath, [script, "--complete", "--scenario", scenario], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (JSON.parse(output) as Record<string, Results>)[scenario] ?? {};
}

/** What was measured, and nothing else: who was not run has no numbers, and is named beside the output. */
function measured(all: Record<string, Results>): Record<string, Results> {
  const scenarios = Object.entries(all).map(([scenario, results]) => {
    const ran = Object.entries(results).filter(([name, result]) => {
      if ("notRun" in result) console.error(`${scenario}: ${name} was not run: ${result.notRun}`);
      return !("notRun" in result);
    });
    return [scenario, Object.fromEntries(ran)] as const;
  });
  return Object.fromEntries(scenarios);
}

/** One contender's line: its ratio to the first of the scenario, then what it cost. */
function contenderLine(name: string, result: Results[string], first: number): string {
  if ("notRun" in result) return `${"".padStart(10)}  ${name}: not run, ${result.notRun}`;
  const ratio = ratioText(result.nsPerOp / first).padStart(10);
  const cost = `${result.nsPerOp.toFixed(2).padStart(9)} ns ${String(result.bytesPerOp).padStart(9)} B`;
  return `${ratio} ${cost}  ${name}`;
}

function tableOf(all: Record<string, Results>): string {
  return Object.entries(all)
    .flatMap(([scenario, results]) => {
      const first = Object.values(results).find((result) => !("notRun" in result));
      const unit = first === undefined || "notRun" in first ? 1 : first.nsPerOp;
      const lines = Object.entries(results).map(([name, result]) =>
        contenderLine(name, result, unit),
      );
      return [`\n${scenario.padEnd(10)}    per operation  garbage`, ...lines];
    })
    .join("\n");
}

function ratioText(ratio: number): string {
  return ratio >= 0.1 ? `${ratio.toFixed(2)}x` : `1/${(1 / ratio).toFixed(0)}x`;
}

function outcomeCells({ target, ratio, reached }: Outcome): readonly string[] {
  const verdict = ratio === null ? "not run" : reached ? "reached" : "**not reached**";
  const found = ratio === null ? "" : ratioText(ratio);
  return [target.contender, target.against, found, ratioText(target.most), verdict];
}

/** Machine and versions. */
function machineLine(): string {
  const [cpu] = cpus();
  const model = cpu?.model.trim() ?? "unknown";
  const versions = [
    `Node ${process.version}`,
    `V8 ${process.versions.v8}`,
    `lookaside ${versionIn("../package.json")}`,
    ...["@thi.ng/malloc", "reusify"].map(
      (rival) => `${rival} ${versionIn(`node_modules/${rival}/package.json`)}`,
    ),
  ];
  return `${model}, ${cpus().length} cores, ${process.platform}\n${versions.join(", ")}`;
}

/** The version in a package.json, by its path from this folder. */
function versionIn(path: string): string {
  if (!existsSync(`${folder}${path}`)) return "not installed";
  const { version } = JSON.parse(readFileSync(`${folder}${path}`, "utf8")) as { version: string };
  return version;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    /** Of the command to itself: JSON with who was not run, and why. */
    complete: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    scenario: { type: "string" },
  },
});

const chosen = SCENARIOS.filter(
  ({ name }) => values.scenario === undefined || name === values.scenario,
);
if (chosen.length === 0) {
  console.error(
    `There is no scenario ${values.scenario}: ${SCENARIOS.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = 2;
}
if (!values.quick) installRivals();
const all: Record<string, Results> = {};
for (const scenario of chosen) {
  const alone = chosen.length === 1 || values.quick;
  all[scenario.name] = alone
    ? await measure(scenario, values.quick ? QUICK : FULL)
    : inProcessOfItsOwn(scenario.name);
}

if (values.complete) {
  console.log(JSON.stringify(all));
} else if (values.json) {
  console.log(JSON.stringify(measured(all)));
} else if (values.markdown) {
  const rows = outcomes(all).map((outcome) => `| ${outcomeCells(outcome).join(" | ")} |`);
  console.log(
    [
      `${machineLine()}:`,
      "",
      "| what | against | ratio | wanted at most | |",
      "|---|---|---|---|---|",
      ...rows,
    ].join("\n"),
  );
} else {
  console.log(machineLine());
  console.log(tableOf(all));
  console.log("\nratios");
  for (const outcome of outcomes(all)) {
    const [contender = "", against = "", ratio = "", most = "", verdict = ""] =
      outcomeCells(outcome);
    console.log(
      `  ${contender.padEnd(26)} / ${against.padEnd(26)} ${ratio.padStart(8)} of ${most}  ${verdict}`,
    );
  }
}
