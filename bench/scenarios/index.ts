/**
 * All scenarios, each a question in one sentence: bench/README.md has them for readers.
 */
import type { Scenario } from "../harness.js";
import { lists, pool, ring } from "./documented.js";
import { LOCAL } from "./local.js";

export const SCENARIOS: readonly Scenario[] = [lists, pool, ring, ...LOCAL];
