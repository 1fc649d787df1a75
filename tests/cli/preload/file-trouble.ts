/**
 * Loaded before the program: lets something happen to the file named "victim" while it is being read.
 *
 * What happens is told by the environment variable TROUBLE. The program's own calls are wrapped, so it
 * happens at the same place in every run.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";

const trouble = process.env["TROUBLE"];
const { fstatSync, openSync, readSync } = fs;

/** A slow clock for files, in milliseconds from tick to tick: played to the program, for most are quicker. */
const TICK_MS = 19;
const victims = new Map<number, string>();

/** Before the file is opened. */
const BEFORE: Readonly<Record<string, (path: string) => void>> = {
  vanish: (path) => fs.unlinkSync(path),
  link: (path) => {
    fs.renameSync(path, `${path}.was`);
    fs.symlinkSync(`${path}.was`, path);
  },
  pipe: (path) => {
    fs.unlinkSync(path);
    execFileSync("mkfifo", [path]);
  },
  folder: (path) => {
    fs.unlinkSync(path);
    fs.mkdirSync(path);
  },
  hurry: (path) => overwrite(path, "other"),
  refuse: () => {
    throw systemError("EACCES", -13, "open");
  },
};

/** Writes other bytes at its start. */
function overwrite(path: string, bytes: string): void {
  const descriptor = openSync(path, "r+");
  fs.writeSync(descriptor, bytes, 0);
  fs.closeSync(descriptor);
}

/** After its first piece was read. */
const DURING: Readonly<Record<string, (path: string) => void>> = {
  grow: (path) => {
    const { atime, mtime } = fs.statSync(path);
    fs.appendFileSync(path, "more");
    fs.utimesSync(path, atime, mtime);
  },
  shrink: (path) => fs.truncateSync(path, 10),
  rewrite: (path) => {
    overwrite(path, "other");
    fs.utimesSync(path, 1, 1);
  },
  disguise: (path) => {
    const { atime, mtime } = fs.statSync(path);
    overwrite(path, "other");
    fs.utimesSync(path, atime, mtime);
  },
  hurry: (path) => overwrite(path, "again"),
  break: () => {
    throw systemError("EIO", -5, "read");
  },
};

/** An fstatSync to which a file that changes within a tick of the change before looks unchanged. */
function slowlyStamped(): (descriptor: number, options: { bigint: true }) => fs.BigIntStats {
  let last: { readonly mtimeNs: bigint; readonly ctimeNs: bigint } | null = null;
  return (descriptor, options) => {
    const stats = fstatSync(descriptor, options);
    if (!victims.has(descriptor) && last === null) return stats;
    if (last !== null) Object.assign(stats, last);
    const isYoung = Date.now() - Number(stats.ctimeNs / 1_000_000n) <= TICK_MS;
    last = isYoung ? { mtimeNs: stats.mtimeNs, ctimeNs: stats.ctimeNs } : null;
    return stats;
  };
}

function systemError(code: string, errno: number, syscall: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${syscall}`), { code, errno, syscall });
}

if (isMainThread && trouble !== undefined) {
  fs.openSync = (path, ...rest) => {
    const name = String(path);
    const isVictim = basename(name) === "victim";
    if (isVictim) BEFORE[trouble]?.(name);
    const descriptor = openSync(path, ...rest);
    if (isVictim) victims.set(descriptor, name);
    return descriptor;
  };
  fs.readSync = ((...args: Parameters<typeof readSync>) => {
    const bytes = readSync(...args);
    const name = victims.get(args[0]);
    if (name !== undefined) {
      victims.delete(args[0]);
      DURING[trouble]?.(name);
    }
    return bytes;
  }) as typeof readSync;
  if (trouble === "hurry") fs.fstatSync = slowlyStamped() as typeof fstatSync;
  syncBuiltinESMExports();
}

// A trouble that no table knows would make a test pass for nothing.
if (trouble !== undefined && !(trouble in BEFORE) && !(trouble in DURING))
  throw new Error(`unknown trouble ${trouble}`);
