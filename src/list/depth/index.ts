/** Depth policies: pure functions of samples, and the price of memory that ties them together. */
export { fixedDepth } from "./fixed.js";
export { IDLE_DEPTH, type IdleDepthConstants, idleDepth, idlePatience } from "./idle.js";
export {
  type CompletePolicy,
  completePolicy,
  type DepthPolicyOption,
  firstDepth,
  POLICY_NAMES,
  POLICY_OWN,
  POLICY_PARAMETERS,
  patienceOf,
  releasesIdle,
  ruleOf,
  runRule,
} from "./policy.js";
export { nextPrice, PRICE_MAX, PRICE_MIN } from "./price.js";
export type { DepthPolicy, DepthSample } from "./sample.js";
export {
  depthUnderPressure,
  WINDOWS_DEPTH,
  type WindowsDepthConstants,
  type WindowsDepthSample,
  windowsDepth,
} from "./windows.js";
