#!/usr/bin/env node
/**
 * The program `lookaside`: finds the command and runs it.
 *
 * A mistake of the user is one line on standard error. Nothing calls `process.exit`: the process ends by
 * itself when nothing is left to do, so that no output is cut off.
 */
import { readFileSync } from "node:fs";
import type { Command } from "./command.js";
import { CommandFailed, EXIT, UsageError } from "./failure.js";

interface Listed {
  readonly summary: string;
  load(): Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Listed>> = {
  demo: {
    summary: "hash every file of a folder through lookaside lists and worker threads",
    load: async () => (await import("./demo/command.js")).demo,
  },
};

function help(): string {
  return [
    "Usage: lookaside <command> [options]",
    "",
    "Self-tuning lookaside lists on shared memory.",
    "",
    "Commands:",
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`),
    "",
    "Options:",
    "  -h, --help     show this help; after a command, the help of the command",
    "  -v, --version  show the version",
  ].join("\n");
}

function version(): string {
  // Compiled to dist/cli/main.js, two folders below the package.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "-h" || first === "--help") {
    process.stdout.write(`${help()}\n`);
    return EXIT.OK;
  }
  if (first === "-v" || first === "--version") {
    process.stdout.write(`${version()}\n`);
    return EXIT.OK;
  }
  try {
    if (first === undefined) throw new UsageError("a command is needed");
    if (first.startsWith("-")) throw new UsageError(`unknown option ${JSON.stringify(first)}`);
    const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
    if (command === undefined) throw new UsageError(`unknown command ${JSON.stringify(first)}`);
    return await (await command.load()).run(rest);
  } catch (error) {
    return report(error, first);
  }
}

/** Says in one line what the user can do something about; anything else is a defect and keeps its trace. */
function report(error: unknown, command: string | undefined): number {
  const known = command !== undefined && Object.hasOwn(COMMANDS, command);
  const name = known ? `lookaside ${command}` : "lookaside";
  if (error instanceof UsageError) {
    process.stderr.write(`${name}: ${error.message}; "${name} --help" shows what can be used\n`);
    return EXIT.USAGE;
  }
  if (error instanceof CommandFailed) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return EXIT.FAILED;
  }
  throw error;
}

// A reader that has gone, as in `lookaside demo | head -1`, is no reason for a trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
