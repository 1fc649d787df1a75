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
const { openSync, readSync } = fs;
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
  refuse: () => {
    throw systemError("EACCES", -13, "open");
  },
};

/** After its first piece was read. */
const DURING: Readonly<Record<string, (path: string) => void>> = {
  grow: (path) => {
    const { atime, mtime } = fs.statSync(path);
    fs.appendFileSync(path, "more");
    fs.utimesSync(path, atime, mtime);
  },
  shrink: (path) => fs.truncateSync(path, 10),
  rewrite: (path) => {
    const descriptor = openSync(path, "r+");
    fs.writeSync(descriptor, "other", 0);
    fs.closeSync(descriptor);
    fs.utimesSync(path, 1, 1);
  },
  break: () => {
    throw systemError("EIO", -5, "read");
  },
};

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
  syncBuiltinESMExports();
}

// A trouble that no table knows would make a test pass for nothing.
if (trouble !== undefined && !(trouble in BEFORE) && !(trouble in DURING))
  throw new Error(`unknown trouble ${trouble}`);
