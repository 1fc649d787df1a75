/**
 * Every command of the program as data: what help prints, what is parsed and what shells complete all come
 * from here, so that none of the three can say something else than the others.
 */
import { EXIT } from "./failure.js";
import { KEYS } from "./top/keys.js";

/** What a word on the command line can be, for those who complete it. */
export type Takes = "file" | "folder" | "url" | "source";

/** One option. Without `value` it is a switch. */
export interface OptionEntry {
  readonly name: string;
  readonly short?: string;
  /** What its value is called in help. */
  readonly value?: string;
  /** Whether it may stand without its value, which then is empty; with it there is an equals sign. */
  readonly optional?: true;
  /** The values that there are; any text when left out. */
  readonly choices?: readonly string[];
  readonly takes?: Takes;
  readonly summary: string;
}

/** The one word that may stand without an option. */
export interface OperandEntry {
  readonly label: string;
  readonly required?: true;
  readonly choices?: readonly string[];
  readonly takes?: Takes;
}

/** One command. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs of its help. */
  readonly about: readonly string[];
  readonly operand?: OperandEntry;
  readonly options: readonly OptionEntry[];
  /** What keys do while it runs. */
  readonly keys?: readonly (readonly [string, string])[];
  readonly exits: readonly (readonly [number, string])[];
}

/** Where a monitor listens unless it is told otherwise. */
export const DEFAULT_URL = "http://127.0.0.1:4470/";

/** Name of the variable of the environment that holds a monitor's token. */
export const TOKEN_VARIABLE = "LOOKASIDE_TOKEN";

/** What every command takes. */
export const HELP_OPTION: OptionEntry = { name: "help", short: "h", summary: "show this help" };

const WHERE =
  `The url is that of a monitor, which serveMonitor(system) starts in the process that is looked at ` +
  `(default: ${DEFAULT_URL}); HOST:PORT and :PORT will do. A url whose path ends in .json is asked as it ` +
  `is. A monitor that wants a token gets that of the variable ${TOKEN_VARIABLE}.`;

/** Most hashing threads of the demo. */
export const DEMO_THREADS_MAX = 64;

/** Rounds of the demo's comparison: odd, so that one of them is the middle one. */
export const DEMO_ROUNDS = 3;

/** `lookaside demo`. */
export const DEMO: CommandEntry = {
  name: "demo",
  summary: "hash every file of a folder through lookaside lists and worker threads",
  about: [
    "Hashes every file under the folder (default: node_modules) with SHA-256. Files are read straight into " +
      "blocks of shared memory; each block goes through a channel to a worker thread by its handle, is " +
      "hashed there and freed there. At the end: files, bytes, seconds and MB/s, and the report of every " +
      "list, channel and pool tag.",
    "Symbolic links, named pipes, sockets, devices and the manifest itself are skipped, each with a line. " +
      "A file that cannot be read or that changes while it is read is skipped for an error: it is not in " +
      "the manifest. Ctrl-C ends the run with a partial report and writes no manifest; a second one ends " +
      "it at once.",
  ],
  operand: { label: "folder", takes: "folder" },
  options: [
    {
      name: "threads",
      value: "N",
      summary: `hashing threads, 1 to ${DEMO_THREADS_MAX} (default: one for each core, at least 2)`,
    },
    {
      name: "manifest",
      value: "FILE",
      takes: "file",
      summary: 'write what "sha256sum -c FILE", run in the folder, checks; sorted by path',
    },
    {
      name: "compare",
      summary:
        `hash the same files again, ${DEMO_ROUNDS} rounds with the blocks, with postMessage of copies and ` +
        "with postMessage of transferred buffers, and print the three side by side",
    },
    {
      name: "monitor",
      value: "PORT",
      optional: true,
      summary:
        "serve a live page of the lists and /metrics on this machine (default port: 4470; 0: any that is " +
        "free); it stays up after the hashing until Ctrl-C",
    },
    { name: "json", summary: "print the final report as one JSON object" },
    {
      name: "nonpaged",
      value: "SIZE",
      summary: 'limit of the nonpaged pool, such as "8 MiB" or 1MiB (default: 16 MiB)',
    },
    { name: "paged", value: "SIZE", summary: "limit of the paged pool (default: 32 MiB)" },
    { name: "quiet", summary: "no progress; of what is skipped, only errors are told" },
  ],
  exits: [
    [EXIT.OK, "all files were hashed"],
    [EXIT.FAILED, "something was skipped for an error, or the run failed"],
    [EXIT.USAGE, "wrong usage"],
    [EXIT.INTERRUPTED, "Ctrl-C"],
  ],
};

/** `lookaside top`. */
export const TOP: CommandEntry = {
  name: "top",
  summary: "a live table of the lists and tags of a running system",
  about: [
    "Shows every list of a running system, or every tag of its pools, in the terminal: what is parked and " +
      "held, depth and how it moved, and calls a second between two looks.",
    WHERE,
    "Rates and hit rates are of the time between two looks. When the monitor goes away, the last table " +
      "stays and it is asked again until it is back.",
  ],
  operand: { label: "url", takes: "url" },
  options: [
    {
      name: "interval",
      short: "i",
      value: "SECONDS",
      summary: "time between two looks: 0.1 to 3600 (default: 1)",
    },
    {
      name: "view",
      value: "VIEW",
      choices: ["lists", "tags"],
      summary: "what to begin with: lists (default) or tags",
    },
    {
      name: "sort",
      short: "s",
      value: "COLUMN",
      summary: "column to sort by, by its title, such as held or bytes",
    },
    {
      name: "tag",
      short: "t",
      value: "PATTERN",
      summary: "only tags that begin so; * stands for any text, ? for any one character",
    },
    {
      name: "once",
      summary: "look twice, one interval apart, print one table without colours, and end",
    },
    { name: "ascii", summary: "draw with ASCII only (default where the locale is not UTF-8)" },
  ],
  keys: KEYS,
  exits: [
    [EXIT.OK, "ended by q, or the table was printed"],
    [EXIT.FAILED, "nothing answers at the url, or not with a snapshot"],
    [EXIT.USAGE, "wrong usage, or no terminal without --once"],
    [EXIT.INTERRUPTED, "Ctrl-C"],
    [EXIT.HUNG_UP, "the terminal has gone"],
    [EXIT.TERMINATED, "SIGTERM"],
  ],
};

/** `lookaside report`. */
export const REPORT: CommandEntry = {
  name: "report",
  summary: "lists, tags and pools of a running system or of a saved snapshot, as text, JSON or CSV",
  about: [
    "Prints every list in the layout of the debugger's !lookaside, then every tag in the layout of " +
      "poolmon, then pools and threads.",
    `${WHERE} A file is a snapshot that was saved as JSON, as --json prints it; - is standard input.`,
    'Counters are those since the system began to be watched; "Max Depth" is the present limit, as in the ' +
      "debugger.",
  ],
  operand: { label: "url|file", takes: "source" },
  options: [
    {
      name: "table",
      value: "TABLE",
      choices: ["lists", "tags", "pools", "threads", "rings"],
      summary: "only this one; rings are the parts of block lists that belong to threads",
    },
    {
      name: "tag",
      short: "t",
      value: "PATTERN",
      summary: "only lists and tags that begin so; * and ? as in top",
    },
    {
      name: "since",
      value: "FILE",
      takes: "file",
      summary: "show tags with their changes since this saved snapshot",
    },
    { name: "json", summary: "print the snapshot itself, whole, as one line of JSON" },
    { name: "csv", summary: "print one table as comma-separated values (default: lists)" },
  ],
  exits: [
    [EXIT.OK, "the report was printed"],
    [EXIT.FAILED, "no snapshot could be had, or it is damaged"],
    [EXIT.USAGE, "wrong usage"],
  ],
};

/** `lookaside doctor`. */
export const DOCTOR: CommandEntry = {
  name: "doctor",
  summary: "what this runtime supports, and what that means for the library",
  about: [
    "Tries what the library needs, and says what each answer means: shared memory and its maximum, " +
      "WebAssembly threads, waiting, worker threads, Web Locks, limits of memory, versions.",
  ],
  options: [{ name: "json", summary: "print the findings as one JSON object" }],
  exits: [
    [EXIT.OK, "the library can run here"],
    [EXIT.FAILED, "the library cannot run here"],
    [EXIT.USAGE, "wrong usage"],
  ],
};

/** `lookaside completions`. */
export const COMPLETIONS: CommandEntry = {
  name: "completions",
  summary: "print what makes a shell complete these commands and their options",
  about: [
    "bash:  source <(lookaside completions bash), in ~/.bashrc",
    "zsh:   source <(lookaside completions zsh), in ~/.zshrc after compinit",
    "fish:  lookaside completions fish > ~/.config/fish/completions/lookaside.fish",
  ],
  operand: { label: "bash|zsh|fish", required: true, choices: ["bash", "zsh", "fish"] },
  options: [],
  exits: [
    [EXIT.OK, "printed"],
    [EXIT.USAGE, "wrong usage"],
  ],
};

/** All commands, in the order of help. */
export const COMMANDS: readonly CommandEntry[] = [DEMO, TOP, REPORT, DOCTOR, COMPLETIONS];
