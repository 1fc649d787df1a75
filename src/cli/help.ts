/**
 * The text of `--help`, of the program and of each command, made from the catalog. No line is longer than
 * 100 characters.
 */
import { COMMANDS, type CommandEntry, HELP_OPTION, type OptionEntry } from "./catalog.js";

const COLUMNS = 100;

/** Breaks a text at spaces, each line after the first one indented. */
function wrap(text: string, indent = 0): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Two columns: names, and what they mean. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.map(([name, text]) => `  ${name}`.padEnd(width) + wrap(text, width));
}

function optionRow(option: OptionEntry): [string, string] {
  const { name, short, value, optional, summary } = option;
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (value === undefined) return [names, summary];
  return [optional ? `${names}[=${value}]` : `${names} ${value}`, summary];
}

/** Help of the program. */
export function programHelp(): string {
  return [
    "Usage: lookaside <command> [options]",
    "",
    "Self-tuning lookaside lists on shared memory.",
    "",
    "Commands:",
    ...table(COMMANDS.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...table([
      ["-h, --help", "show this help; after a command, the help of the command"],
      ["-v, --version", "show the version"],
    ]),
    "",
    "Exit codes: 0 done, 1 it could not be done, 2 wrong usage; each command's help says more.",
  ].join("\n");
}

/** Help of a command. */
export function commandHelp(command: CommandEntry): string {
  const { name, about, operand, options, keys, exits } = command;
  const label =
    operand === undefined ? "" : operand.required ? ` ${operand.label}` : ` [${operand.label}]`;
  return [
    `Usage: lookaside ${name} [options]${label}`,
    ...about.flatMap((paragraph) => ["", wrap(paragraph)]),
    "",
    "Options:",
    ...table([...options, HELP_OPTION].map(optionRow)),
    ...(keys === undefined ? [] : ["", "Keys:", ...table(keys)]),
    "",
    "Exit codes:",
    ...table(exits.map(([code, meaning]) => [String(code), meaning])),
  ].join("\n");
}
