/**
 * The manifest: lines that `sha256sum -c` accepts, whatever the names of the files contain.
 *
 * GNU's rules: digest, two spaces, name. A name with a backslash, a line feed or a carriage return is
 * written with `\\`, `\n` or `\r` in their place, and a backslash before the digest says so. All other
 * bytes stand for themselves. The name "-" alone would mean standard input, so it is written "./-".
 */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { CommandFailed } from "../failure.js";
import { reasonOf } from "../system-error.js";
import { showPath } from "./path-text.js";

/** Where a manifest goes. */
export interface ManifestPlace {
  /** The file itself, through all links. */
  readonly path: Buffer;
  /** The folder it is in, ending with a slash. */
  readonly folder: Buffer;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x5c, "\\\\"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
]);

/** The line of one file, with its end. */
export function manifestLine(path: Buffer, digest: string): Buffer {
  if (path.equals(Buffer.from("-"))) return Buffer.from(`${digest}  ./-\n`);
  if (!path.some((byte) => ESCAPES.has(byte)))
    return Buffer.concat([Buffer.from(`${digest}  `), path, Buffer.from("\n")]);
  const escaped = Array.from(path, (byte) => {
    const text = ESCAPES.get(byte);
    return text === undefined ? Buffer.of(byte) : Buffer.from(text);
  });
  return Buffer.concat([Buffer.from(`\\${digest}  `), ...escaped, Buffer.from("\n")]);
}

/** All lines, in the order of the paths; files without a digest have none. */
export function manifestBytes(
  paths: readonly Buffer[],
  digests: readonly (string | undefined)[],
): Buffer {
  const lines = paths.flatMap((path, file) => {
    const digest = digests[file];
    return digest === undefined ? [] : [manifestLine(path, digest)];
  });
  return Buffer.concat(lines);
}

/**
 * Finds out where a manifest goes, before any work is done for it. A link is followed, so that what it
 * points to is written and the link stays.
 * @throws {CommandFailed} when nothing can be written there.
 */
export function manifestPlace(file: string): ManifestPlace {
  try {
    const target = isLink(file) ? realpathSync(file, "buffer") : null;
    const name = target === null ? Buffer.from(basename(file)) : afterSlash(target);
    const near = target === null ? dirname(file) : target.subarray(0, target.length - name.length);
    const folder = withSlash(realpathSync(near, "buffer"));
    const path = Buffer.concat([folder, name]);
    const found = statSync(path, { throwIfNoEntry: false });
    if (file.endsWith("/") || (found !== undefined && !found.isFile()))
      throw new CommandFailed(`cannot write the manifest ${quotedName(file)}: it is not a file`);
    accessSync(folder, constants.W_OK);
    return { path, folder };
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`cannot write the manifest ${quotedName(file)}: ${reasonOf(error)}`);
  }
}

/** The manifest's path relative to a folder, or null when it lies elsewhere. */
export function pathInside(place: ManifestPlace, folder: string): Buffer | null {
  const root = withSlash(realpathSync(folder, "buffer"));
  const inside = place.path.subarray(0, root.length).equals(root);
  return inside ? place.path.subarray(root.length) : null;
}

/**
 * Writes the manifest whole or not at all: to a file next to it, which then takes its name.
 * @throws {CommandFailed}
 */
export function writeManifest(place: ManifestPlace, bytes: Buffer): void {
  const name = `.lookaside-${process.pid}-${Date.now().toString(36)}.tmp`;
  const temporary = Buffer.concat([place.folder, Buffer.from(name)]);
  try {
    const descriptor = openSync(temporary, "wx");
    try {
      writeFileSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, place.path);
  } catch (error) {
    remove(temporary);
    throw new CommandFailed(
      `cannot write the manifest ${showPath(place.path)}: ${reasonOf(error)}`,
    );
  }
}

/** Removes the temporary file, if it came to be. */
function remove(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there, or not to be removed: the error that is being reported says why.
  }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function afterSlash(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf("/") + 1);
}

function withSlash(path: Buffer): Buffer {
  return path.at(-1) === 0x2f ? path : Buffer.concat([path, Buffer.from("/")]);
}

function quotedName(file: string): string {
  return showPath(Buffer.from(file));
}
