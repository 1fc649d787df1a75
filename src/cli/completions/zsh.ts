/**
 * The catalog as a completion of zsh: sourced after compinit, or a file `_lookaside` in the function path.
 */
import { type CommandEntry, HELP_OPTION, type OptionEntry, type Takes } from "../catalog.js";

/** Within single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Within the brackets of `_arguments`. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}

function action(choices: readonly string[] | undefined, takes: Takes | undefined): string {
  if (choices !== undefined) return `(${choices.join(" ")})`;
  if (takes === undefined) return " ";
  return takes === "folder" ? "_files -/" : takes === "url" ? "_urls" : "_files";
}

function optionSpecs({ name, short, value, summary, choices, takes }: OptionEntry): string[] {
  const both = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  const excluded = both.length > 1 ? `(${both.join(" ")})` : "";
  return both.map((flag) => {
    const equals = value !== undefined && flag.startsWith("--") ? "=" : "";
    const rest = value === undefined ? "" : `:${escaped(value)}:${action(choices, takes)}`;
    return quoted(`${excluded}${flag}${equals}[${escaped(summary)}]${rest}`);
  });
}

function commandCase({ name, options, operand }: CommandEntry): string[] {
  const specs = [...options, HELP_OPTION].flatMap(optionSpecs);
  if (operand !== undefined) {
    specs.push(quoted(`1:${escaped(operand.label)}:${action(operand.choices, operand.takes)}`));
  }
  return [`    ${name})`, `      _arguments -s \\`, `        ${specs.join(" \\\n        ")} ;;`];
}

/** The script. */
export function zshScript(commands: readonly CommandEntry[]): string {
  const described = commands.map(({ name, summary }) => quoted(`${name}:${escaped(summary)}`));
  return `${[
    "#compdef lookaside",
    "_lookaside() {",
    "  if (( CURRENT == 2 )); then",
    "    local -a commands",
    `    commands=(\n      ${described.join("\n      ")}\n    )`,
    "    _describe -t commands command commands",
    `    [[ $words[2] == -* ]] && compadd -- --help --version`,
    "    return",
    "  fi",
    "  local name=$words[2]",
    "  shift words",
    "  (( CURRENT-- ))",
    "  case $name in",
    ...commands.flatMap(commandCase),
    "  esac",
    "}",
    "# Called as a function of the function path, or sourced.",
    'if [[ $funcstack[1] == _lookaside ]]; then _lookaside "$@"; else compdef _lookaside lookaside; fi',
  ].join("\n")}\n`;
}
