/** Every scenario. */

import { BLOCK_LIST } from "./block-list.js";
import { CHANNEL } from "./channel.js";
import { CHECKED_MISUSE } from "./checked-misuse.js";
import { DOCUMENTED_LIST } from "./documented-list.js";
import { DOCUMENTED_ROUTINES } from "./documented-routines.js";
import { OWNER_LOCK } from "./owner-lock.js";
import { POOL } from "./pool.js";
import { ROUTINES } from "./routines.js";
import type { Scenario } from "./scenario.js";
import { SEQUENCED_LIST } from "./sequenced-list.js";
import { THREADS } from "./threads.js";

export type { Scenario } from "./scenario.js";

/** In the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  ...OWNER_LOCK,
  ...SEQUENCED_LIST,
  ...DOCUMENTED_LIST,
  ...DOCUMENTED_ROUTINES,
  ...CHECKED_MISUSE,
  ...POOL,
  ...ROUTINES,
  ...THREADS,
  ...BLOCK_LIST,
  ...CHANNEL,
];
