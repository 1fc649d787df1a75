/**
 * What can become of an allocation and of a free: values, for the layer above to make of them what its own
 * contract says.
 */

/** Why the last allocation of a pool gave nothing. */
export type Refusal = "none" | "limit" | "quota" | "simulated";

/** What became of a free. */
export const FREED = 0;
/** The block is free already. */
export const ALREADY_FREE = 1;
/** No held block starts at the address. */
export const NOT_A_BLOCK = 2;
/** The block was allocated under another tag. */
export const WRONG_TAG = 3;
/** The block is parked in a documented list. */
export const IS_PARKED = 4;
