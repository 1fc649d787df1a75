/**
 * The catalog as a completion of bash, from version 3.2 on, which macOS has.
 */
import { type CommandEntry, HELP_OPTION, type OptionEntry, type Takes } from "../catalog.js";

const PROGRAM_WORDS = ["--help", "--version"];

function words(list: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${list.join(" ")}" -- "$cur"))`;
}

function files(takes: Takes | undefined): string {
  // A line for each name, so that blanks in names do not matter.
  const kind = takes === "folder" ? "-d" : "-f";
  return `local IFS=$'\\n'; COMPREPLY=($(compgen ${kind} -- "$cur")); compopt -o filenames 2>/dev/null`;
}

/** What completes a value; a colon, which does nothing, where only the user knows. */
function values(choices: readonly string[] | undefined, takes: Takes | undefined): string {
  if (choices !== undefined) return words(choices);
  return takes === undefined || takes === "url" ? ":" : files(takes);
}

function names({ name, short }: OptionEntry): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function commandCase({ name, options, operand }: CommandEntry): string[] {
  const valued = options.filter(({ value }) => value !== undefined);
  const all = [...options, HELP_OPTION].flatMap(names);
  return [
    `    ${name})`,
    ...(valued.length === 0
      ? []
      : [
          '      case "$prev" in',
          ...valued.map(
            (option) =>
              `        ${names(option).join("|")}) ${values(option.choices, option.takes)}; return ;;`,
          ),
          "      esac",
        ]),
    `      if [[ "$cur" == -* ]]; then ${words(all)}`,
    `      else ${operand === undefined ? ":" : values(operand.choices, operand.takes)}; fi ;;`,
  ];
}

/** The script. */
export function bashScript(commands: readonly CommandEntry[]): string {
  return `${[
    "# Completion of lookaside for bash: source <(lookaside completions bash)",
    "_lookaside() {",
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"`,
    "  COMPREPLY=()",
    "  # --option=value comes as three words.",
    '  if [[ "$cur" == "=" ]]; then cur=""',
    `  elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi`,
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    ${words([...commands.map(({ name }) => name), ...PROGRAM_WORDS])}`,
    "    return",
    "  fi",
    `  case "\${COMP_WORDS[1]}" in`,
    ...commands.flatMap(commandCase),
    "  esac",
    "}",
    "complete -F _lookaside lookaside",
  ].join("\n")}\n`;
}
