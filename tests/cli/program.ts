/**
 * Runs the real program as a process of its own and gives back all that it said.
 *
 * A process that does not end by itself is killed after a minute, which no test accepts as an end.
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";

/** The compiled program. */
export const PROGRAM = fileURLToPath(new URL("dist/cli/main.js", repositoryRoot));

/** What starts it in a terminal. Deno asks there what a program may do, unless it is told. */
export const COMMAND: readonly string[] = [
  process.execPath,
  ...("Deno" in globalThis ? ["run", "--allow-all"] : []),
  PROGRAM,
];

const PATIENCE_MS = 60_000;

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run is started. */
export interface Start {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A module of `preload/` that is loaded before the program, in every thread of it. */
  readonly preload?: string;
  readonly uid?: number;
  /** Called at every whole line of standard error. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** Runs the program with arguments; settles when it has ended. */
export function lookaside(args: readonly string[], start: Start = {}): Promise<Ended> {
  const { cwd, env, preload, uid, onLine } = start;
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...inherited } = process.env;
  const { NO_COLOR: _none, FORCE_COLOR: _forced, ...clean } = inherited;
  const url = preload && new URL(`./preload/${preload}.js`, import.meta.url).href;
  const options: SpawnOptions = {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...clean, ...(url ? { NODE_OPTIONS: `--import=${url}` } : {}), ...env },
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  };
  const child = spawn(process.execPath, [PROGRAM, ...args], options);
  const stdout: Buffer[] = [];
  let stderr = "";
  let shown = 0;
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    for (let end = stderr.indexOf("\n", shown); end !== -1; end = stderr.indexOf("\n", shown)) {
      onLine?.(stderr.slice(shown, end), child);
      shown = end + 1;
    }
  });
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) =>
      settle({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr }),
    );
  });
}

/** The lines of a text, without the empty one at its end. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
