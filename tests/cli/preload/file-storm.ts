/**
 * Loaded before the program: lets things happen to many files and folders while they are read, by a plan.
 *
 * The environment variable STORM names a file with the plan: what happens to which path under which folder,
 * and where it is written down that it has happened. The program's own calls are wrapped, so it happens at
 * the same place in every run of a plan.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

/** What happens to one file. */
export interface Trouble {
  readonly kind: string;
  /** Which piece it happens after, from 1; 0: before the file is opened. */
  readonly piece: number;
  /** A number that the kind takes: bytes more, bytes left, bytes a read gives at most. */
  readonly amount: number;
}

/** All that happens. Paths are relative to the root, their bytes as hexadecimal digits. */
export interface Plan {
  /** The folder, with a slash at its end. */
  readonly root: string;
  /** Where to say what has happened: a line for each path. */
  readonly log: string;
  readonly files: Readonly<Record<string, Trouble>>;
  readonly folders: Readonly<Record<string, "refuse" | "vanish">>;
}

const planned = process.env["STORM"];
const { openSync, readSync, readdirSync } = fs;

function systemError(code: string, errno: number, syscall: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${syscall}`), { code, errno, syscall });
}

/** Writes other bytes at a file's start. */
function overwrite(path: Buffer): void {
  const descriptor = openSync(path, "r+");
  const first = Buffer.alloc(1);
  readSync(descriptor, first, 0, 1, 0);
  fs.writeSync(descriptor, Buffer.of((first[0] as number) ^ 0xff), 0, 1, 0);
  fs.closeSync(descriptor);
}

const HAPPENINGS: Readonly<Record<string, (path: Buffer, amount: number) => void>> = {
  vanish: (path) => fs.unlinkSync(path),
  link: (path) => {
    fs.unlinkSync(path);
    fs.symlinkSync("nowhere", path);
  },
  pipe: (path) => {
    fs.unlinkSync(path);
    execFileSync("mkfifo", [`${planned}.pipe`]);
    fs.renameSync(`${planned}.pipe`, path);
  },
  folder: (path) => {
    fs.unlinkSync(path);
    fs.mkdirSync(path);
  },
  refuse: () => {
    throw systemError("EACCES", -13, "open");
  },
  grow: (path, amount) => fs.appendFileSync(path, Buffer.alloc(amount, 7)),
  shrink: (path, amount) => fs.truncateSync(path, amount),
  rewrite: overwrite,
  disguise: (path) => {
    const { atime, mtime } = fs.statSync(path);
    overwrite(path);
    fs.utimesSync(path, atime, mtime);
  },
  replace: (path, amount) => {
    fs.writeFileSync(`${planned}.new`, Buffer.alloc(amount, 9));
    fs.renameSync(`${planned}.new`, path);
  },
  break: () => {
    throw systemError("EIO", -5, "read");
  },
};

/** A file that is open and in the plan. */
interface Victim {
  readonly path: Buffer;
  readonly name: string;
  readonly trouble: Trouble;
  pieces: number;
}

function play({ root, log, files, folders }: Plan): void {
  const start = Buffer.from(root);
  const victims = new Map<number, Victim>();
  let isBusy = false; // with a happening, which reads and writes files too
  const nameOf = (path: fs.PathLike): string | null => {
    if (isBusy) return null;
    const bytes = Buffer.isBuffer(path) ? path : Buffer.from(String(path));
    if (!bytes.subarray(0, start.length).equals(start)) return null;
    return bytes.subarray(start.length).toString("hex");
  };
  const happen = (path: Buffer, name: string, { kind, amount }: Trouble): void => {
    fs.appendFileSync(log, `${name}\n`); // beforehand: some happenings throw
    const happening = HAPPENINGS[kind];
    if (happening === undefined) throw new Error(`unknown trouble ${kind}`);
    isBusy = true;
    try {
      happening(path, amount);
    } finally {
      isBusy = false;
    }
  };
  fs.openSync = (path, ...rest) => {
    const name = nameOf(path);
    const trouble = name === null ? undefined : files[name];
    if (name === null || trouble === undefined || !Buffer.isBuffer(path))
      return openSync(path, ...rest);
    if (trouble.piece === 0) happen(path, name, trouble);
    const descriptor = openSync(path, ...rest);
    victims.set(descriptor, { path, name, trouble, pieces: 0 });
    return descriptor;
  };
  fs.readSync = ((...args: Parameters<typeof readSync>) => {
    const victim = victims.get(args[0]);
    if (victim === undefined || isBusy) return readSync(...args);
    const { path, name, trouble } = victim;
    const all: unknown[] = args; // descriptor, bytes, offset, length, position
    if (trouble.kind === "short") all[3] = Math.min(all[3] as number, trouble.amount);
    const bytes = readSync(...args);
    if (++victim.pieces === trouble.piece && trouble.kind !== "short") happen(path, name, trouble);
    return bytes;
  }) as typeof readSync;
  const { closeSync } = fs;
  fs.closeSync = (descriptor) => {
    victims.delete(descriptor);
    closeSync(descriptor);
  };
  fs.readdirSync = ((path: fs.PathLike, options: never) => {
    const name = nameOf(path);
    const trouble = name === null ? undefined : folders[name];
    if (name === null || trouble === undefined) return readdirSync(path, options);
    fs.appendFileSync(log, `${name}\n`);
    if (trouble === "refuse") throw systemError("EACCES", -13, "scandir");
    isBusy = true;
    fs.rmSync(path, { recursive: true });
    isBusy = false;
    return readdirSync(path, options);
  }) as typeof readdirSync;
  syncBuiltinESMExports();
}

if (isMainThread && planned !== undefined)
  play(JSON.parse(fs.readFileSync(planned, "utf8")) as Plan);
