/**
 * Finds every file under a folder, in the order of their paths' bytes.
 *
 * Names are bytes from the operating system and stay bytes. Symbolic links are never followed, so a walk
 * ends; what is neither file nor folder is never opened. Folders are sorted as if their names ended
 * with a slash: that makes the order of the walk the byte order of whole paths, with no sort at the end.
 */
import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { CommandFailed } from "../failure.js";
import { reasonOf } from "../system-error.js";
import type { Ledger } from "./ledger.js";
import type { Pace } from "./pace.js";
import { showPath } from "./path-text.js";

/** What a walk works with. */
export interface WalkOptions {
  /** The folder, ending with a slash. */
  readonly root: Buffer;
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Relative path that is left out, because the manifest will be written there. */
  readonly manifest: Buffer | null;
  /** Whether to ask for sizes too: a bar needs them, and a call for each file is not free. */
  readonly measure: boolean;
}

/** What a walk has found. */
export interface Found {
  /** Relative paths of all files, in byte order: a file's number is its place here. */
  readonly paths: readonly Buffer[];
  /** Their sizes together, 0 unless measured. */
  readonly bytes: number;
}

/** What is still to be looked at: a folder's path ends with a slash. */
interface Pending {
  readonly path: Buffer;
  /** What it is; null for the root. */
  readonly kind: Kind | null;
}

/** What both an entry of a folder and a file's status tell. */
type Kind = Pick<
  Dirent<Buffer> & Stats,
  "isDirectory" | "isSymbolicLink" | "isFile" | "isFIFO" | "isSocket"
>;

const SLASH = Buffer.from("/");

/** The folder as a root of paths. @throws {CommandFailed} when it is none. */
export function rootOf(folder: string): Buffer {
  const name = showPath(Buffer.from(folder));
  let isFolder: boolean;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    throw new CommandFailed(`cannot read the folder ${name}: ${reasonOf(error)}`);
  }
  if (!isFolder) throw new CommandFailed(`cannot read ${name}: it is not a folder`);
  return Buffer.from(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Walks the folder. Ends early, with what it has, when the signal is aborted. */
export async function walk(options: WalkOptions): Promise<Found> {
  const { root, ledger, pace, signal, manifest, measure } = options;
  const paths: Buffer[] = [];
  let bytes = 0;
  const pending: Pending[] = [{ path: Buffer.alloc(0), kind: null }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (pace.due) await pace.rest();
    if (signal.aborted) break;
    const { path, kind } = next;
    if (kind === null || kind.isDirectory()) {
      pending.push(...list(root, path, ledger));
    } else if (kind.isSymbolicLink()) {
      ledger.skip(path, "link", "symbolic links are not followed");
    } else if (!kind.isFile()) {
      ledger.skip(path, "special", specialText(kind));
    } else if (manifest?.equals(path)) {
      ledger.skip(path, "manifest", "the manifest is not part of itself");
    } else {
      paths.push(path);
      if (measure) bytes += sizeOf(Buffer.concat([root, path]));
    }
  }
  return { paths, bytes };
}

/** What a folder holds, last name first: the next one is taken from the end. */
function list(root: Buffer, path: Buffer, ledger: Ledger): Pending[] {
  try {
    const folder = Buffer.concat([root, path]);
    return readdirSync(folder, { encoding: "buffer", withFileTypes: true })
      .map((entry) => pendingOf(folder, path, entry))
      .sort((left, right) => right.path.compare(left.path));
  } catch (error) {
    ledger.skip(path, "error", `cannot list the folder: ${reasonOf(error)}`);
    return [];
  }
}

/** Bun gives bare names where they are asked for as bytes: each is looked at by itself then. */
function pendingOf(folder: Buffer, path: Buffer, entry: Dirent<Buffer> | Buffer): Pending {
  const name = entry instanceof Uint8Array ? entry : entry.name;
  const kind = entry instanceof Uint8Array ? lstatSync(Buffer.concat([folder, name])) : entry;
  return { path: Buffer.concat(kind.isDirectory() ? [path, name, SLASH] : [path, name]), kind };
}

function specialText(kind: Kind): string {
  if (kind.isFIFO()) return "a named pipe is not a file";
  if (kind.isSocket()) return "a socket is not a file";
  return "a device is not a file";
}

/** For the bar only: what cannot be asked now will be reported when it is read. */
function sizeOf(path: Buffer): number {
  try {
    return lstatSync(path).size;
  } catch {
    return 0;
  }
}
