/**
 * The C library's malloc and free, and the mallocs that Debian has besides, in the same rounds as the
 * others.
 *
 * A small program of this repository (bench/native) is compiled with the compiler of the machine and
 * stays alive through all rounds: a line to it is a round, and it measures itself. Another malloc gets
 * into it by LD_PRELOAD; the program says which one it found, so none is measured under a wrong name.
 * What is missing is reported.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Contender, NotRun, Timing } from "../harness.js";

const sources = new URL("../../../bench/native/", import.meta.url);
const cache = new URL("../../native/", import.meta.url);
const FILES = ["allocators.c", "threads.c", "work.h"];
const FLAGS = ["-O2", "-Wall", "-Wextra", "-fno-builtin", "-pthread"];

interface Malloc {
  readonly name: string;
  /** Names of the library, the first that is there is taken. */
  readonly libraries: readonly string[];
  /** What the path of the malloc in use must contain. */
  readonly path: RegExp;
  readonly missing: string;
}

const MALLOCS: readonly Malloc[] = [
  {
    name: "malloc glibc",
    libraries: [""],
    path: /libc\.so|libc-/,
    missing: "the C library is no glibc",
  },
  {
    name: "malloc mimalloc",
    libraries: ["libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so"],
    path: /mimalloc/,
    missing: "no libmimalloc here (Debian: libmimalloc2.0)",
  },
  {
    name: "malloc tcmalloc",
    libraries: ["libtcmalloc_minimal.so.4"],
    path: /tcmalloc/,
    missing: "no libtcmalloc_minimal here (Debian: libtcmalloc-minimal4)",
  },
  {
    name: "malloc jemalloc",
    libraries: ["libjemalloc.so.2"],
    path: /jemalloc/,
    missing: "no libjemalloc here (Debian: libjemalloc2)",
  },
];

/** Names of all native contenders. */
export const NATIVE_NAMES: readonly string[] = MALLOCS.map(({ name }) => name);

/** The compiled program, or why there is none. Compiled once for what the sources say. */
function program(): { readonly path: string } | { readonly notRun: string } {
  const hash = createHash("sha256").update(FLAGS.join(" "));
  for (const file of FILES) hash.update(readFileSync(new URL(file, sources)));
  const path = fileURLToPath(new URL(`allocators-${hash.digest("hex").slice(0, 16)}`, cache));
  if (existsSync(path)) return { path };
  mkdirSync(cache, { recursive: true });
  const made = `${path}.${process.pid}`;
  const inputs = FILES.filter((file) => file.endsWith(".c"));
  for (const compiler of ["cc", "gcc", "clang"]) {
    const { error, status, stderr } = spawnSync(
      compiler,
      [...FLAGS, ...inputs, "-o", made, "-ldl"],
      { cwd: sources, encoding: "utf8" },
    );
    if (error !== undefined) continue;
    if (status !== 0) return { notRun: `${compiler} fails: ${stderr.trim().split("\n")[0]}` };
    renameSync(made, path); // whoever compiles beside us replaces it by the same
    return { path };
  }
  return { notRun: "no C compiler here (cc, gcc, clang)" };
}

/** The environment with one library preloaded. */
function environment(library: string): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _preload, ...rest } = process.env;
  return library === "" ? rest : { ...rest, LD_PRELOAD: library };
}

/** Which library serves a malloc, and what it calls itself; or why none does. */
function findLibrary(
  malloc: Malloc,
  path: string,
): { library: string; version: string } | { notRun: string } {
  for (const library of malloc.libraries) {
    const { stdout } = spawnSync(path, { encoding: "utf8", input: "", env: environment(library) });
    const [, found = "", version = ""] = /^(\S+) (.+)$/m.exec(stdout ?? "") ?? [];
    if (malloc.path.test(found)) return { library, version };
  }
  return { notRun: malloc.missing };
}

/** Versions of the mallocs that are here. */
export function nativeVersions(): string[] {
  const binary = program();
  if ("notRun" in binary) return [binary.notRun];
  return MALLOCS.flatMap((malloc) => {
    const found = findLibrary(malloc, binary.path);
    return "notRun" in found ? [] : [found.version];
  });
}

/** The program at work: one round at a time. */
class NativeProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, library: string) {
    this.#child = spawn(path, { stdio: ["pipe", "pipe", "ignore"], env: environment(library) });
    this.#child.on("error", () => {}); // the next round finds no answer, and says so
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Reads which malloc it has. */
  async greet(): Promise<void> {
    await this.#answer("its greeting");
  }

  async round(line: string): Promise<Timing> {
    this.#child.stdin.write(`${line}\n`);
    const [nanoseconds, hash] = (await this.#answer(line)).split(" ").map(Number);
    return { nanoseconds: nanoseconds as number, hash: hash as number, growth: 0 };
  }

  async #answer(asked: string): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`The native program ended at ${asked}`);
    return value;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** A round of the native program: its name there, bytes of a block, and the scenario's parameter. */
export interface NativeWork {
  readonly work: string;
  readonly bytes: number;
  readonly parameter?: number;
  expected(operations: number): number;
}

/** One contender for each malloc, `suffix` after its name. */
export async function nativeContenders(
  { work, bytes, parameter = 0, expected }: NativeWork,
  suffix = "",
): Promise<(Contender | NotRun)[]> {
  const binary = program();
  const contenders = MALLOCS.map(async (malloc): Promise<Contender | NotRun> => {
    const name = malloc.name + suffix;
    if ("notRun" in binary) return { name, notRun: binary.notRun };
    const found = findLibrary(malloc, binary.path);
    if ("notRun" in found) return { name, notRun: found.notRun };
    const child = new NativeProgram(binary.path, found.library);
    await child.greet();
    return {
      name,
      run: (operations) => child.round(`${work} ${bytes} ${parameter} ${operations}`),
      expected,
      dispose: () => child.end(),
    };
  });
  return Promise.all(contenders);
}
