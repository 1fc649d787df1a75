/**
 * Arguments of a command, parsed by its entry in the catalog: what is not there is refused.
 */
import { parseArgs } from "node:util";
import { type CommandEntry, HELP_OPTION } from "./catalog.js";
import type { Command } from "./command.js";
import { EXIT, UsageError } from "./failure.js";
import { commandHelp } from "./help.js";

/** What the user has given. */
export class Given {
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;
  /** The word without an option. */
  readonly operand: string | undefined;

  constructor(values: Readonly<Record<string, string | boolean | undefined>>, operand?: string) {
    this.#values = values;
    this.operand = operand;
  }

  /** Whether a switch is on. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value of an option, if it was given. */
  value(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }
}

/** A command whose arguments and help are in the catalog. */
export function catalogued(entry: CommandEntry, work: (given: Given) => Promise<number>): Command {
  return {
    async run(args) {
      const given = parse(entry, args);
      if (!given.has(HELP_OPTION.name)) return work(given);
      process.stdout.write(`${commandHelp(entry)}\n`);
      return EXIT.OK;
    },
  };
}

/** @throws {UsageError} */
export function parse(entry: CommandEntry, args: readonly string[]): Given {
  const { values, positionals } = parsed(entry, args);
  if (values[HELP_OPTION.name] === true) return new Given(values);
  const [operand, ...more] = positionals;
  const { label, required, choices } = entry.operand ?? {};
  if (entry.operand === undefined && operand !== undefined)
    throw new UsageError(`nothing can be done with ${quoted(operand)}`);
  if (more.length > 0)
    throw new UsageError(`one ${label} at most, not ${positionals.map(quoted).join(" and ")}`);
  if (operand === "") throw new UsageError(`the ${label} has an empty name`);
  if (operand === undefined && required) throw new UsageError(`${label} is needed`);
  if (operand !== undefined && choices) demandChoice(`${label}`, operand, choices);
  for (const option of entry.options) {
    const value = values[option.name];
    if (typeof value !== "string") continue;
    if (value === "" && option.optional) continue;
    if (value === "") throw new UsageError(`the value of --${option.name} is empty`);
    if (option.choices) demandChoice(`--${option.name}`, value, option.choices);
  }
  return new Given(values, operand);
}

function demandChoice(what: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new UsageError(`${what} must be one of ${choices.join(", ")}, not ${quoted(value)}`);
}

/** As messages show what the user has typed. */
export const quoted = (text: string): string => JSON.stringify(text);

function parsed(entry: CommandEntry, args: readonly string[]) {
  const options = Object.fromEntries(
    [...entry.options, HELP_OPTION].map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  // An optional value follows an equals sign and nothing else: `--option` alone means an empty one.
  const alone = entry.options.filter(({ optional }) => optional).map(({ name }) => `--${name}`);
  const complete = args.map((arg) => (alone.includes(arg) ? `${arg}=` : arg));
  try {
    return parseArgs({ args: complete, options, allowPositionals: true });
  } catch (error) {
    // The sentences of parseArgs are meant for users; some have two lines.
    const message = (error as Error).message.split("\n")[0] ?? "";
    throw new UsageError(message.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()));
  }
}
