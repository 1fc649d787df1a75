/** Every known-wrong variant. */
import { BLOCK_LIST_VARIANTS } from "./block-list.js";
import { CHANNEL_VARIANTS } from "./channel.js";
import { CHECKED_VARIANTS } from "./checked.js";
import { DOCUMENTED_LIST_VARIANTS } from "./documented-list.js";
import { EQUIVALENT_VARIANTS } from "./equivalent.js";
import { LOCK_VARIANTS } from "./owner-lock.js";
import { POOL_VARIANTS } from "./pool.js";
import { RECOVERY_VARIANTS } from "./recovery.js";
import { ROUTINE_VARIANTS } from "./routines.js";
import { SEQUENCED_LIST_VARIANTS } from "./sequenced-list.js";
import { THREAD_VARIANTS } from "./threads.js";
import type { Variant } from "./variant.js";

export type { EquivalentVariant, Variant } from "./variant.js";
export { EQUIVALENT_VARIANTS };

/** In the order in which they are tried. */
export const VARIANTS: readonly Variant[] = [
  ...SEQUENCED_LIST_VARIANTS,
  ...POOL_VARIANTS,
  ...BLOCK_LIST_VARIANTS,
  ...DOCUMENTED_LIST_VARIANTS,
  ...CHECKED_VARIANTS,
  ...ROUTINE_VARIANTS,
  ...THREAD_VARIANTS,
  ...CHANNEL_VARIANTS,
  ...LOCK_VARIANTS,
  ...RECOVERY_VARIANTS,
];
