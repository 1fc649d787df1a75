/**
 * Every race of the shipping code that is meant to be: by the name of the word, by the pair of accesses, and
 * with the reason why it does no harm. Any other race of any scenario is a fault; a line that no scenario of
 * the full run shows fails that run.
 */
import type { IntendedRace } from "../explorer/index.js";

export const INTENDED_RACES: readonly IntendedRace[] = [];
