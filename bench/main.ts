/**
 * The command `npm run bench`: every scenario, all contenders side by side.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readCommand, refuseCommand } from "../tools/command-options.js";
import { FULL, measure, QUICK, type Results, type Scenario } from "./harness.js";
import { markdownOf, textOf } from "./report.js";
import { runtimeOf } from "./runtimes.js";
import { SCENARIOS } from "./scenarios/index.js";

const folder = fileURLToPath(new URL("../../bench/", import.meta.url));
const script = fileURLToPath(import.meta.url);

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
  const args = [...process.execArgv, script, "--complete", "--scenario", scenario];
  const output = execFileSync(process.execPath, args, {
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

/** The scenarios of a name, or of a name's beginning; all of them without one. */
function chosenBy(name: string | undefined): readonly Scenario[] {
  if (name === undefined) return SCENARIOS;
  const exact = SCENARIOS.filter((scenario) => scenario.name === name);
  return exact.length > 0
    ? exact
    : SCENARIOS.filter((scenario) => scenario.name.startsWith(`${name}-`));
}

/** Runs this command under another Node. Gives back its exit code. */
function runUnder(node: string): number {
  const args = process.argv.slice(2);
  const at = args.findIndex((argument) => argument.startsWith("--node"));
  args.splice(at, args[at]?.includes("=") ? 1 : 2);
  const { status } = spawnSync(runtimeOf(node), [script, ...args], { stdio: "inherit" });
  return status ?? 1;
}

const USAGE = `npm run bench -- [options]

  npm run bench                      a table, and what was reached
  npm run --silent bench -- --json   one JSON object: { scenario: { contender: { nsPerOp, bytesPerOp } } }
  npm run bench -- --markdown        the table of the README

  --scenario NAME   one scenario, or those whose names begin so: blocks is blocks-64, …
  --quick           tiny inputs, to see that it runs
  --node NODE       under another Node: newest, 24, 26, or a path

Scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}.`;

const { values } = readCommand(USAGE, {
  json: { type: "boolean", default: false },
  /** Of the command to itself: JSON with who was not run, and why. */
  complete: { type: "boolean", default: false },
  markdown: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  scenario: { type: "string" },
  node: { type: "string" },
});

async function runAll(chosen: readonly Scenario[]): Promise<Record<string, Results>> {
  if (!values.quick) installRivals();
  const all: Record<string, Results> = {};
  for (const scenario of chosen) {
    const alone = chosen.length === 1 || values.quick;
    if (!alone) process.stderr.write(`${scenario.name} … `);
    all[scenario.name] = alone
      ? await measure(scenario, values.quick ? QUICK : FULL)
      : inProcessOfItsOwn(scenario.name);
  }
  if (chosen.length > 1 && !values.quick) process.stderr.write("done\n");
  return all;
}

function print(all: Record<string, Results>): void {
  if (values.complete) console.log(JSON.stringify(all));
  else if (values.json) console.log(JSON.stringify(measured(all)));
  else if (values.markdown) console.log(markdownOf(all));
  else console.log(textOf(all));
}

async function main(): Promise<number> {
  if (values.node !== undefined) return runUnder(values.node);
  const chosen = chosenBy(values.scenario);
  if (chosen.length === 0) {
    refuseCommand(`There is no scenario ${JSON.stringify(values.scenario)}`);
  }
  print(await runAll(chosen));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
