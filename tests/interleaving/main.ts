/**
 * `npm run explore`: the shipping code under every schedule.
 *
 *     npm run explore                                    the small scenarios, as `npm test` runs them
 *     npm run explore -- --full                          all of them
 *     npm run explore -- --full --write                  and writes docs/proof.md
 *     npm run explore -- --scenario block-list           those whose name contains the text
 *     npm run explore -- --scenario NAME --replay "A12 B3 A! R40"
 *     npm run explore -- --variant "credits are returned twice"     what catches it, and how
 *     npm run explore -- --variants                      the known-wrong variants: each must be caught
 *     npm run explore -- --full --states 100000          leaves a scenario after so many states
 *     npm run --silent explore -- --json                 the same as one JSON object
 *
 * Exits with 1 when something goes wrong in some schedule, or a variant is not caught; with 2 when something
 * is asked for that there is not.
 */
import { parseArgs } from "node:util";
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

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    variants: { type: "boolean", default: false },
    variant: { type: "string" },
    json: { type: "boolean", default: false },
    scenario: { type: "string" },
    replay: { type: "string" },
    states: { type: "string", default: "2000000" },
  },
});

const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** The known-wrong variants that are asked for; one that is equivalent only by its name. */
function chosenVariants(): readonly (Variant | EquivalentVariant)[] {
  const { variant } = values;
  if (variant === undefined) return VARIANTS;
  const found = [...VARIANTS, ...EQUIVALENT_VARIANTS].filter(({ name }) => name === variant);
  if (found.length === 0) throw new Error(`No variant is named ${JSON.stringify(variant)}`);
  return found;
}

/** The library as it is, or a variant of it. */
async function chosenStage(): Promise<Stage> {
  return await makeStage(values.variant === undefined ? [] : chosenVariants()[0]?.patches);
}

/** The scenarios that are asked for. @throws {Error} when there are none of that name */
function chosen(): readonly Scenario[] {
  const found = matching();
  if (found.length === 0)
    throw new Error(`No scenario has ${JSON.stringify(values.scenario)} in its name`);
  return found;
}

function matching(): readonly Scenario[] {
  const { scenario, variant } = values;
  if (variant !== undefined && scenario === undefined) {
    const by = new Set(chosenVariants()[0]?.by);
    return SCENARIOS.filter(({ name }) => by.has(name));
  }
  if (scenario !== undefined) return SCENARIOS.filter(({ name }) => name.includes(scenario));
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
    const limits = { ...NO_LIMITS, states: Number(values.states), ...scenario.limits };
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
    const { fault, complete, counts, races, milliseconds, switches } = found;
    const problem = fault && { problem: fault.problem, schedule: fault.schedule };
    return [
      scenario.name,
      { ...counts, complete, races, switches, milliseconds, fault: problem },
    ] as const;
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Whether every scenario was asked for: then every intended race must show. */
function isWholeSet(): boolean {
  const { full, scenario, variant, variants } = values;
  return full && scenario === undefined && variant === undefined && !variants;
}

function saySources(): void {
  const which = isProofOfTheseSources() ? "these sources" : "other sources than these";
  say(`docs/proof.md stands for ${which}`);
}

/** The document stands for a whole set of the library as it is. */
function demandWholeSet(): void {
  const { scenario, variant, variants } = values;
  if (scenario === undefined && variant === undefined && !variants) return;
  throw new Error(
    "--write goes with no choice of scenarios or variants: it would describe a part as all",
  );
}

async function main(): Promise<boolean> {
  if (values.write) demandWholeSet();
  if (values.replay !== undefined) return await replayOne(values.scenario ?? "", values.replay);
  const wantsVariants = values.variants || values.write;
  const scenarios = values.variants ? [] : await runScenarios();
  const variants = wantsVariants ? await runVariants() : [];
  const unseen = isWholeSet() ? unseenRaces(scenarios) : [];
  for (const race of unseen) say(`intended, and shown by no scenario: ${race}`);
  if (values.json) console.log(json(scenarios, variants));
  else if (!values.write && !values.variants) saySources();
  if (values.write)
    writeProof(scenarios, variants, { statesMax: Number(values.states), isFull: values.full });
  return (
    unseen.length === 0 &&
    scenarios.every(({ found }) => found.fault === null) &&
    variants.every(({ caughtBy }) => caughtBy !== null)
  );
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
