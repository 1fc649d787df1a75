/** Every runtime that the tests are run on, in the order of the table. */
import { CHROMIUM } from "./chromium.js";
import { COMMAND_LINES } from "./command-line.js";
import type { Runtime } from "./runtime.js";

export const RUNTIMES: readonly Runtime[] = [...COMMAND_LINES, ...CHROMIUM];
