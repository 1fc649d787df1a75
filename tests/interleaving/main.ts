/**
 * The command `npm run explore`: the shipping code under every schedule.
 */
import { numberOption, readCommand, refuseCommand } from "../../tools/command-options.js";
import { againLine } from "./again-line.js";
import { isProofOfTheseSources } from "./digest.js";
import { type Exploration, explore, NO_LIMITS, replayText } from "./explorer/index.js";
import { writeProof } from "./proof.js";
import { runEquivalent, runVariant, scenarioOf, type VariantResult } from "./run-variants.js";
import { SCENARIOS, type Scenario } from "./scenarios/index.js";
import { type ScenarioResult, unseenRaces } from "./seen-races.js";
import { makeStage, type Stage } from "./stage/stage.js";
import {
  EQUIVALENT_VARIANTS,
  type EquivalentVariant,
  VARIANTS,
  type Variant,
} from "./variants/index.js";

const USAGE = `npm run explore -- [options]

  npm run explore                                   the small scenarios, as npm test runs them
  npm run explore -- --full                         all of them
  npm run explore -- --full --write                 and writes docs/proof.md
  npm run explore -- --scenario block-list          those whose name contains the text
  npm run explore -- --scenario NAME --replay "A12 B3 A! R40"
  npm run explore -- --variant "credits are returned twice"    what catches it, and how
  npm run explore -- --variants                     the known-wrong variants: each must be caught
  npm run explore -- --full --states 100000         leaves a scenario after so many states: 2,000,000
  npm run --silent explore -- --json                the same as one JSON object

Exits with 1 when something goes wrong in some schedule, or a variant is not caught; after --full also when a
race that is intended shows nowhere.`;

const { values } = readCommand(USAGE, {
  full: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  variants: { type: "boolean", default: false },
  variant: { type: "string" },
  json: { type: "boolean", default: false },
  scenario: { type: "string" },
  replay: { type: "string" },
  states: { type: "string", default: "2000000" },
});
const statesMax = numberOption("states", values.states, 1, Number.MAX_SAFE_INTEGER);

const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** The known-wrong variants that are asked for; one that is equivalent only by its name. */
function chosenVariants(): readonly (Variant | EquivalentVariant)[] {
  const { variant } = values;
  if (variant === undefined) return VARIANTS;
  const found = [...VARIANTS, ...EQUIVALENT_VARIANTS].filter(({ name }) => name === variant);
  if (found.length === 0) refuseCommand(`No variant is named ${JSON.stringify(variant)}`);
  return found;
}

/** The library as it is, or a variant of it. */
async function chosenStage(): Promise<Stage> {
  return await makeStage(values.variant === undefined ? [] : chosenVariants()[0]?.patches);
}

function chosen(): readonly Scenario[] {
  const { scenario, variant } = values;
  if (variant !== undefined && scenario === undefined) {
    const by = new Set(chosenVariants()[0]?.by);
    return SCENARIOS.filter(({ name }) => by.has(name));
  }
  if (scenario !== undefined) {
    const found = SCENARIOS.filter(({ name }) => name.includes(scenario));
    if (found.length === 0)
      refuseCommand(`No scenario has ${JSON.stringify(scenario)} in its name`);
    return found;
  }
  return SCENARIOS.filter(({ quick }) => quick || values.full);
}

function showFault({ name }: Scenario, { fault }: Exploration): void {
  if (fault === null) return;
  say(fault.trace.join("\n"));
  say(`\n${fault.problem}\n`);
  say(`again: ${againLine(name, fault.schedule, values.variant)}\n`);
}

async function runScenarios(): Promise<ScenarioResult[]> {
  const stage = await chosenStage();
  const results: ScenarioResult[] = [];
  for (const scenario of chosen()) {
    const limits = { ...NO_LIMITS, states: statesMax, ...scenario.limits };
    const found = explore(scenario.plan(stage), limits);
    const { counts, complete, fault, milliseconds } = found;
    const verdict = fault === null ? (complete ? "holds" : "holds so far") : "FAULT";
    const numbers = `${counts.states} states, ${counts.deaths} deaths, ${counts.ends} ends`;
    say(`${verdict.padEnd(13)}${scenario.name}: ${numbers}, ${(milliseconds / 1000).toFixed(1)} s`);
    showFault(scenario, found);
    results.push({ scenario, found });
  }
  return results;
}

async function runVariants(): Promise<VariantResult[]> {
  const results: VariantResult[] = [];
  for (const variant of chosenVariants()) {
    const result = await runVariant(variant).catch((error: Error): VariantResult => {
      console.error(`${variant.name}: ${error.message}`);
      return { name: variant.name, caughtBy: null, fault: null, milliseconds: 0 };
    });
    const verdict = result.caughtBy === null ? "SURVIVED" : "caught";
    say(`${verdict.padEnd(10)}${variant.name} (${result.caughtBy ?? "by none"})`);
    results.push(result);
  }
  for (const variant of values.variant === undefined ? EQUIVALENT_VARIANTS : []) {
    await runEquivalent(variant);
    say(`equivalent ${variant.name}: ${variant.reason}`);
  }
  return results;
}

async function replayOne(name: string, schedule: string): Promise<boolean> {
  if (!SCENARIOS.some((scenario) => scenario.name === name))
    refuseCommand(`No scenario is named ${JSON.stringify(name)}, so nothing can be replayed`);
  const scenario = scenarioOf(name);
  const limits = { ...NO_LIMITS, ...scenario.limits };
  const { problem, trace } = replayText(scenario.plan(await chosenStage()), schedule, limits);
  if (values.json) console.log(JSON.stringify({ scenario: name, schedule, problem, trace }));
  say(trace.join("\n"));
  say(problem ?? "nothing goes wrong");
  return problem === null;
}

function json(scenarios: readonly ScenarioResult[], variants: readonly VariantResult[]): string {
  const caught = variants.filter(({ caughtBy }) => caughtBy !== null).length;
  if (values.variants) return JSON.stringify({ variants: variants.length, caught });
  const entries = scenarios.map(({ scenario, found }) => {
    const { fault, complete, counts, races, switches, milliseconds } = found;
    const problem = fault && { problem: fault.problem, schedule: fault.schedule };
    const rest = { complete, races, switches, milliseconds, fault: problem };
    return [scenario.name, { ...counts, ...rest }] as const;
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Whether the choice is a whole set of scenarios: the small one, or all. */
function isWholeSet(): boolean {
  const { scenario, variant, variants } = values;
  return scenario === undefined && variant === undefined && !variants;
}

/** Intended races that no scenario shows: they would hide the next fault of their kind. */
function demandAllRacesSeen(scenarios: readonly ScenarioResult[]): boolean {
  if (!values.full || !isWholeSet()) return true;
  const unseen = unseenRaces(scenarios);
  for (const race of unseen) console.error(`intended, and shown by no scenario: ${race}`);
  return unseen.length === 0;
}

function saySources(): void {
  const which = isProofOfTheseSources() ? "these sources" : "other sources than these";
  say(`docs/proof.md stands for ${which}`);
}

async function main(): Promise<boolean> {
  if (values.write && !isWholeSet())
    refuseCommand(
      "--write goes with no choice of scenarios or variants: the document is about all",
    );
  if (values.replay !== undefined) return await replayOne(values.scenario ?? "", values.replay);
  const wantsVariants = values.variants || values.write;
  const scenarios = values.variants ? [] : await runScenarios();
  const variants = wantsVariants ? await runVariants() : [];
  const isShown = demandAllRacesSeen(scenarios);
  if (values.json) console.log(json(scenarios, variants));
  if (values.write) writeProof(scenarios, variants, { statesMax, isFull: values.full });
  else if (!values.variants) saySources();
  return (
    isShown &&
    scenarios.every(({ found }) => found.fault === null) &&
    variants.every(({ caughtBy }) => caughtBy !== null)
  );
}

process.exitCode = (await main()) ? 0 : 1;
