/**
 * Node, Bun and Deno: each test file in a process of its own, two at a time, by the runtime's own test
 * runner. All three write JUnit's XML.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";
import { compiledPath, isBrowserTest } from "../test-files.js";
import { divide, judge } from "./differences.js";
import { installed } from "./install.js";
import { parseJunit } from "./junit.js";
import type { Case } from "./result.js";
import type { Runtime } from "./runtime.js";

const AT_ONCE = 2;
const FILE_MS_MAX = 300_000;
const OUTPUT_BYTES_MAX = 64 << 20;

const root = fileURLToPath(repositoryRoot);

/** How a runtime is called. */
interface CommandLine {
  readonly name: string;
  readonly label: string;
  /** Its program, below `node_modules`. */
  readonly program: string;
  /** Arguments that run one compiled test file and write the report. */
  readonly args: (file: string, report: string) => string[];
}

const NODES: CommandLine[] = ["20", "22", "24", "26"].map((major) => ({
  name: `node-${major}`,
  label: `Node ${major}`,
  program: `node-${major}/bin/node`,
  args: (file, report) => [
    "--expose-gc",
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    file,
  ],
}));

const BUN: CommandLine = {
  name: "bun",
  label: "Bun",
  program: "@oven/bun-linux-x64/bin/bun",
  args: (file, report) => [
    "test",
    `--timeout=${FILE_MS_MAX}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    `./${file}`,
  ],
};

const DENO: CommandLine = {
  name: "deno",
  label: "Deno",
  program: "@deno/linux-x64-glibc/deno",
  args: (file, report) => [
    "test",
    "--allow-all",
    "--no-check",
    "--v8-flags=--expose-gc",
    `--junit-path=${report}`,
    file,
  ],
};

/** The runtimes with a command line. */
export const COMMAND_LINES: readonly Runtime[] = [...NODES, BUN, DENO].map(runtimeOf);

function runtimeOf(line: CommandLine): Runtime {
  const run: Runtime["run"] = async (files, own) => {
    const found = installed(line.program, "all");
    if ("reason" in found) return { outcome: "not run", reason: found.reason };
    const version = versionOf(found.path);
    if (version === undefined) {
      return { outcome: "not run", reason: `${line.program} does not start on this machine` };
    }
    const { chosen, leftOut } = divide(
      files.filter((file) => !isBrowserTest(file)),
      own,
    );
    const reports = mkdtempSync(join(tmpdir(), "lookaside-runtimes-"));
    try {
      const cases = await runAll(line, found.path, chosen, reports);
      return judge(cases, own, { version, files: chosen.length, leftOut });
    } finally {
      rmSync(reports, { recursive: true, force: true });
    }
  };
  return { name: line.name, label: line.label, run };
}

function versionOf(program: string): string | undefined {
  try {
    const printed = execFileSync(program, ["--version"], { encoding: "utf8", timeout: 30_000 });
    return /\d+\.\d+\.\d+/.exec(printed)?.[0];
  } catch {
    return undefined;
  }
}

async function runAll(
  line: CommandLine,
  program: string,
  files: readonly string[],
  reports: string,
): Promise<Case[]> {
  const cases: Case[] = [];
  let next = 0;
  const runNext = async (): Promise<void> => {
    while (next < files.length) {
      const number = next++;
      const file = files[number] as string;
      const report = join(reports, `${number}.xml`);
      cases.push(...(await runFile(line, program, file, report)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runNext));
  return cases;
}

/**
 * Runs one file. A process that fails without a failed test, or that is ended by a signal, is a failure of
 * the file itself.
 */
function runFile(
  line: CommandLine,
  program: string,
  file: string,
  report: string,
): Promise<Case[]> {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const options = {
    cwd: root,
    env: { ...env, NO_COLOR: "1" },
    timeout: FILE_MS_MAX,
    killSignal: "SIGKILL",
    maxBuffer: OUTPUT_BYTES_MAX,
  } as const;
  return new Promise((resolve) => {
    execFile(program, line.args(compiledPath(file), report), options, (error, stdout, stderr) => {
      const cases = existsSync(report) ? parseJunit(readFileSync(report, "utf8"), file) : [];
      const isEnded = typeof error?.code === "number" && error.signal === null;
      const hasFailed = isEnded && cases.some(({ outcome }) => outcome === "failed");
      const isWhole = error === null || hasFailed;
      if (isWhole && cases.length > 0) return resolve(cases);
      const message = error === null ? "reports no test" : lastLine(stderr, stdout, error.message);
      resolve([...cases, { file, title: "(the file)", outcome: "failed", message }]);
    });
  });
}

function lastLine(...texts: string[]): string {
  const text = texts.map((each) => each.trim()).find((each) => each !== "") ?? "";
  return text.split("\n").at(-1) ?? "";
}
