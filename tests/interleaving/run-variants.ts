/**
 * Runs known-wrong variants: each on a stage of its own, until a scenario catches it.
 */
import { explore, type Fault, NO_LIMITS } from "./explorer/index.js";
import { SCENARIOS, type Scenario } from "./scenarios/index.js";
import { makeStage } from "./stage/stage.js";
import type { EquivalentVariant, Variant } from "./variants/index.js";

/** States after which a scenario is taken to say nothing about a variant. */
const STATES_MAX = 300_000;

/** What came of one variant. */
export interface VariantResult {
  readonly name: string;
  /** The scenario that caught it, or null. */
  readonly caughtBy: string | null;
  readonly fault: Fault | null;
  readonly milliseconds: number;
}

/** Faults of a program that does not run as it was meant to: a patch that broke it shows nothing. */
const BROKEN = [ReferenceError, SyntaxError, TypeError];

/** Whether a fault is the one that a variant is to show; it may be any that is no broken program's. */
function isExpected({ problem, cause }: Fault, expected: RegExp | undefined): boolean {
  if (BROKEN.some((broken) => cause instanceof broken)) return false;
  return expected === undefined || expected.test(problem);
}

/** The scenario of a name. @throws {Error} when there is none */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`No scenario is named ${JSON.stringify(name)}`);
  return found;
}

/** Tries the scenarios of a variant. */
export async function runVariant(
  variant: Pick<Variant, "name" | "patches" | "by"> & { readonly problem?: RegExp },
): Promise<VariantResult> {
  const start = performance.now();
  const stage = await makeStage(variant.patches);
  const result = (caughtBy: string | null, fault: Fault | null): VariantResult => {
    return { name: variant.name, caughtBy, fault, milliseconds: performance.now() - start };
  };
  const unexpected: string[] = [];
  for (const name of variant.by) {
    const scenario = scenarioOf(name);
    const limits = { ...NO_LIMITS, states: STATES_MAX, ...scenario.limits };
    const { fault } = explore(scenario.plan(stage), limits);
    if (fault === null) continue;
    if (isExpected(fault, variant.problem)) return result(name, fault);
    unexpected.push(`${name}: ${fault.problem}`);
  }
  if (unexpected.length > 0)
    throw new Error(
      `It is caught for another reason than ${variant.problem}:\n${unexpected.join("\n")}`,
    );
  return result(null, null);
}

/** Tries a change that is said to be no fault. @throws {Error} when a scenario catches it after all */
export async function runEquivalent(variant: EquivalentVariant): Promise<void> {
  const { caughtBy, fault } = await runVariant(variant);
  if (caughtBy === null) return;
  throw new Error(
    `${variant.name} is a fault: ${fault?.problem} in ${caughtBy}: ${fault?.schedule}`,
  );
}
