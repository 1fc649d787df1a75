/**
 * Options of the developers' commands: read in one way, so that each answers `--help` with its usage, and a
 * mistake with one line on the standard error and exit code 2. Exit code 1 stays for what a command found.
 */
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<Given extends Options> = ReturnType<
  typeof parseArgs<{ options: Given; allowPositionals: boolean; strict: true }>
>;

/** How a command is read. */
interface Reading {
  /** Whether it takes words that are no options. Default false. */
  readonly words?: boolean;
  /** Default: what the process was started with. */
  readonly args?: readonly string[];
}

/** Ends the process with one line and exit code 2: what was asked for cannot be. */
export function refuseCommand(message: string): never {
  console.error(`${message} (--help tells what there is)`);
  process.exit(2);
}

/**
 * Reads a command's options and words. Ends the process where there is nothing to run: after `--help`, and
 * after a mistake.
 * @param usage what `--help` prints
 */
export function readCommand<const Given extends Options>(
  usage: string,
  options: Given,
  { words = false, args = process.argv.slice(2) }: Reading = {},
): Parsed<Given> {
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  if (flags.includes("--help") || flags.includes("-h")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: words, strict: true });
  } catch (error) {
    const [first] = (error as Error).message.split(/\.? *\n|\. /);
    return refuseCommand(first as string);
  }
}

/** The value of an option that is a number. Ends the process when it is none within the bounds. */
export function numberOption(
  name: string,
  text: string,
  least: number,
  most: number,
  whole = true,
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const what = whole ? "a whole number" : "a number";
  return refuseCommand(
    `--${name} is ${JSON.stringify(text)}: it must be ${what} from ${least} to ${most}`,
  );
}
