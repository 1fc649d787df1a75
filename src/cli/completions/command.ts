/**
 * `lookaside completions`: prints the script of a shell.
 */
import { catalogued, type Given } from "../arguments.js";
import { COMMANDS, COMPLETIONS } from "../catalog.js";
import { EXIT } from "../failure.js";
import { bashScript } from "./bash.js";
import { fishScript } from "./fish.js";
import { zshScript } from "./zsh.js";

/** The command. */
export const completions = catalogued(COMPLETIONS, printScript);

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

async function printScript(given: Given): Promise<number> {
  const script = SCRIPTS[given.operand as keyof typeof SCRIPTS];
  process.stdout.write(script(COMMANDS));
  return EXIT.OK;
}
