/** Every scenario. */

import { BLOCK_LIST } from "./block-list.js";
import type { Scenario } from "./scenario.js";
import { SEQUENCED_LIST } from "./sequenced-list.js";

export type { Scenario } from "./scenario.js";

/** In the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [...SEQUENCED_LIST, ...BLOCK_LIST];
