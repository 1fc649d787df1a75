/**
 * All scenarios, each a question in one sentence: bench/README.md has them for readers.
 */
import type { Scenario } from "../harness.js";
import { channel } from "./channel.js";
import { lists, pool, ring } from "./documented.js";
import { HAND_OVER } from "./hand-over.js";
import { LOCAL } from "./local.js";
import { monitor, snapshot } from "./monitor.js";
import { recovery } from "./recovery.js";
import { THREADS } from "./threads.js";

export const SCENARIOS: readonly Scenario[] = [
  lists,
  pool,
  ring,
  ...LOCAL,
  ...THREADS,
  channel,
  ...HAND_OVER,
  recovery,
  monitor,
  snapshot,
];
