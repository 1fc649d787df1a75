/**
 * The catalog as a completion of fish.
 */
import { type CommandEntry, HELP_OPTION, type OptionEntry, type Takes } from "../catalog.js";

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** What follows: nothing, a choice, a file. `-x` is a value and no file, `-r` a value that may be one. */
function value(choices: readonly string[] | undefined, takes: Takes | undefined): string {
  if (choices !== undefined) return ` -x -a ${quoted(choices.join(" "))}`;
  if (takes === undefined || takes === "url") return " -x";
  return takes === "folder" ? " -x -a '(__fish_complete_directories)'" : " -r -F";
}

function optionLine(when: string, option: OptionEntry): string {
  const { name, short, summary, choices, takes } = option;
  const flags = short === undefined ? `-l ${name}` : `-l ${name} -s ${short}`;
  const rest = option.value === undefined ? "" : value(choices, takes);
  return `complete -c lookaside ${when} ${flags}${rest} -d ${quoted(summary)}`;
}

function operandLine(when: string, { operand }: CommandEntry): string[] {
  if (operand === undefined) return [];
  const { choices, takes } = operand;
  if (choices !== undefined)
    return [`complete -c lookaside ${when} -a ${quoted(choices.join(" "))}`];
  if (takes === "folder")
    return [`complete -c lookaside ${when} -a '(__fish_complete_directories)'`];
  return takes === "source" || takes === "file" ? [`complete -c lookaside ${when} -F`] : [];
}

/** The script. */
export function fishScript(commands: readonly CommandEntry[]): string {
  const first = "-n __fish_use_subcommand";
  return `${[
    "# Completion of lookaside for fish.",
    "complete -c lookaside -f",
    ...commands.map(
      ({ name, summary }) => `complete -c lookaside ${first} -a ${name} -d ${quoted(summary)}`,
    ),
    `complete -c lookaside ${first} -l help -s h -d 'show help'`,
    `complete -c lookaside ${first} -l version -s v -d 'show the version'`,
    ...commands.flatMap((command) => {
      const when = `-n '__fish_seen_subcommand_from ${command.name}'`;
      return [
        ...[...command.options, HELP_OPTION].map((option) => optionLine(when, option)),
        ...operandLine(when, command),
      ];
    }),
  ].join("\n")}\n`;
}
