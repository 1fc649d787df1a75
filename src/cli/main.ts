#!/usr/bin/env node
/**
 * The program `lookaside`: finds the command and runs it.
 *
 * A mistake of the user is one line on standard error. The process ends by itself when nothing is left to do,
 * so that no output is cut off; `process.exit` is called only where output cannot be written at all.
 */
import { readFileSync, writeSync } from "node:fs";
import { COMMANDS } from "./catalog.js";
import type { Command } from "./command.js";
import { CommandFailed, EXIT, UsageError } from "./failure.js";
import { programHelp } from "./help.js";
import { isSystemError, reasonOf } from "./system-error.js";

/** Where each command is: loaded when it is called, and not before. */
const MODULES: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import("./demo/command.js")).demo,
  top: async () => (await import("./top/command.js")).top,
  report: async () => (await import("./report/command.js")).report,
  doctor: async () => (await import("./doctor/command.js")).doctor,
  completions: async () => (await import("./completions/command.js")).completions,
};

function version(): string {
  // Compiled to dist/cli/main.js, two folders below the package.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const isCommand = (word: string): boolean => COMMANDS.some(({ name }) => name === word);

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "-h" || first === "--help") {
    process.stdout.write(`${programHelp()}\n`);
    return EXIT.OK;
  }
  if (first === "-v" || first === "--version") {
    process.stdout.write(`${version()}\n`);
    return EXIT.OK;
  }
  try {
    if (first === undefined) throw new UsageError("a command is needed");
    if (first.startsWith("-")) throw new UsageError(`unknown option ${JSON.stringify(first)}`);
    const load = isCommand(first) ? MODULES[first] : undefined;
    if (load === undefined) throw new UsageError(`unknown command ${JSON.stringify(first)}`);
    return await (await load()).run(rest);
  } catch (error) {
    return report(error, first);
  }
}

/** Says in one line what the user can do something about; anything else is a defect and keeps its trace. */
function report(error: unknown, command: string | undefined): number {
  const known = command !== undefined && isCommand(command);
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

/** Says that the output is not whole, as on a full disk, and ends the program: no more can be said. */
function failedOutput(error: Error): never {
  try {
    writeSync(process.stderr.fd, `lookaside: cannot write the output: ${reasonOf(error)}\n`);
  } catch {
    // standard error is full too, or gone: the exit code says it
  }
  process.exit(EXIT.FAILED);
}

// A reader that has gone, as in `lookaside demo | head -1`, is no reason for a trace; nor is a terminal.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    const isGone = error.code === "EPIPE" || (error.code === "EIO" && stream.isTTY);
    if (isGone) return;
    if (!isSystemError(error)) throw error;
    failedOutput(error);
  });
}

process.exitCode = await main(process.argv.slice(2));
