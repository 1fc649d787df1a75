/**
 * The interlocked module with its door outside: the same AssemblyScript, each access an import.
 *
 * Compiled from the source when it is first needed; kept in `build/`, named by what it was made from.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileAssembly } from "../../../tools/build-interlocked.js";
import { wasmDoor } from "../explorer/index.js";
import { applyPatches, type Patch } from "./patch.js";

const FOLDER = "memory/interlocked/assembly/";
const MODULE = { entry: "interlocked.ts", flags: "-O3 --converge --noAssert --runtime stub" };
const cache = fileURLToPath(new URL("../../../interleaving/", import.meta.url));
const source = new URL(`../../../../src/${FOLDER}`, import.meta.url);

/** The module's functions, with every access of theirs a step of the explorer. */
export async function interlockedOutside(patches: readonly Patch[]): Promise<WebAssembly.Exports> {
  const bytes = await compiled(patches.filter(({ file }) => file.startsWith(FOLDER)));
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, { door: wasmDoor, env: { abort: () => {} } }).exports;
}

async function compiled(patches: readonly Patch[]): Promise<Uint8Array> {
  const revise = (file: string, text: string): string =>
    applyPatches(patches, `${FOLDER}${file}`, text);
  const hash = createHash("sha256").update(MODULE.flags);
  for (const file of ["interlocked.ts", "door-imported.ts"]) {
    hash.update(revise(file, readFileSync(new URL(file, source), "utf8")));
  }
  const path = `${cache}interlocked-${hash.digest("hex").slice(0, 16)}.wasm`;
  if (existsSync(path)) return readFileSync(path);
  const bytes = await compileAssembly(MODULE, "door-imported.ts", revise);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${path}.${process.pid}`, bytes);
  renameSync(`${path}.${process.pid}`, path); // two test files may make it at once
  return bytes;
}
