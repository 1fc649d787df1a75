/**
 * The stage: a copy of the compiled library whose doors to shared memory lead to the explorer.
 *
 * The copy differs from what is shipped in two files, `memory/words.js` (the door) and
 * `memory/interlocked/interlocked.js` (the WebAssembly, built with its door outside), in the bounds
 * below, and in the patches of a known-wrong variant.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { interlockedOutside } from "./interlocked-outside.js";
import { applyPatches, type Patch } from "./patch.js";

type Memory = typeof import("#src/memory/index.js");
type PoolLayer = typeof import("#src/pool/index.js");
type Threads = typeof import("#src/threads/index.js");
type List = typeof import("#src/list/index.js");
type Recovery = typeof import("#src/recovery/index.js");
type Channels = typeof import("#src/channel/index.js");
type Balance = typeof import("#src/system/balance-set-manager.js");
type Wdk = typeof import("#src/wdk/lookaside-ex.js") &
  typeof import("#src/wdk/lookaside-nonpaged.js") &
  typeof import("#src/wdk/lookaside-paged.js") &
  typeof import("#src/wdk/machine.js") &
  typeof import("#src/wdk/pool.js") &
  typeof import("#src/wdk/slist.js");

/** The library on stage, by layer. */
export interface Stage {
  readonly memory: Memory;
  readonly pool: PoolLayer;
  readonly threads: Threads;
  readonly list: List;
  readonly channel: Channels;
  readonly recovery: Recovery;
  readonly balance: Balance;
  readonly wdk: Wdk;
}

const lock = "memory/owner-lock.ts";

/** Bounds that are smaller on stage, so that a walk over everything is a short one. */
const BOUNDS: readonly Patch[] = [
  { file: "base/limits.ts", from: "BLOCK_LISTS_MAX = 1_024", to: "BLOCK_LISTS_MAX = 4" },
  { file: "base/limits.ts", from: "CHANNELS_MAX = 256", to: "CHANNELS_MAX = 2" },
  { file: "base/limits.ts", from: "ROUTINES_MAX = 1_024", to: "ROUTINES_MAX = 4" },
  { file: "channel/waiting.ts", from: "SPINS = 2_000", to: "SPINS = 1" },
  { file: lock, from: "SPINS = 200", to: "SPINS = 1" },
  { file: lock, from: "WAIT_MS_MAX = 10_000", to: "WAIT_MS_MAX = 40" },
];

/** Who has taken a lock, or given it back, goes on in one way, however long it took. */
const FORGETTING: readonly Patch[] = [
  {
    file: lock,
    from: 'import { LookasideError } from "../base/index.js";',
    to: 'import { LookasideError } from "../base/index.js"; import { forgetting } from "./words.js";',
  },
  {
    file: lock,
    from: "export function acquireLock(words, lock, owner) {",
    to:
      "export function acquireLock(words, lock, owner) {\n" +
      "    forgetting(() => acquire(words, lock, owner));\n" +
      "}\n" +
      "function acquire(words, lock, owner) {",
  },
  {
    file: lock,
    from: "export function releaseLock(words, lock) {",
    to:
      "export function releaseLock(words, lock) {\n" +
      "    forgetting(() => release(words, lock));\n" +
      "}\n" +
      "function release(words, lock) {",
  },
];

const region = "memory/region.ts";

/** Checked mode looks at bytes. */
const BYTES: readonly Patch[] = [
  {
    file: region,
    from: 'import { load, store, wordsOf } from "./words.js";',
    to: 'import { bytesOf, load, store, wordsOf } from "./words.js";',
  },
  {
    file: region,
    from:
      "this.interlocked = bindInterlocked(memory); this.words = wordsOf(buffer); " +
      "this.bytes = new Uint8Array(buffer);",
    to:
      "this.interlocked = bindInterlocked(memory); this.words = wordsOf(buffer); " +
      "this.bytes = bytesOf(buffer);",
  },
  {
    file: region,
    from:
      "if (buffer.byteLength > this.bytes.length) { this.words = wordsOf(buffer); " +
      "this.bytes = new Uint8Array(buffer);",
    to:
      "if (buffer.byteLength > this.bytes.length) { this.words = wordsOf(buffer); " +
      "this.bytes = bytesOf(buffer);",
  },
];

/** What a stage needs of the library. */
const PARTS =
  /^(base|memory|pool|threads|list|channel|recovery|wdk)\b|^(package\.json|system)?$|balance-set/;

const dist = fileURLToPath(new URL("../../../../dist/", import.meta.url));
const folder = fileURLToPath(new URL("../../../interleaving/", import.meta.url));
const door = new URL("../explorer/door.js", import.meta.url).href;
const bytes = new URL("../explorer/bytes.js", import.meta.url).href;

const WORDS = `export {
  add, and, compareExchange, forgetting, load, or, peek, poke, store, waitBriefly, waitLightly, wake, wordsOf,
} from ${JSON.stringify(door)};
export { bytesOf } from ${JSON.stringify(bytes)};
`;

const INTERLOCKED = `const bound = globalThis[Symbol.for("lookaside.stage.interlocked")];
export function bindInterlocked() { return bound; }
`;

/** Makes a stage: the library as it is, or with patches. */
export async function makeStage(patches: readonly Patch[] = []): Promise<Stage> {
  mkdirSync(folder, { recursive: true });
  const copy = mkdtempSync(`${folder}stage-`);
  try {
    cpSync(dist, copy, { recursive: true, filter: isNeeded });
    writeFileSync(`${copy}/memory/words.js`, WORDS);
    writeFileSync(`${copy}/memory/interlocked/interlocked.js`, INTERLOCKED);
    revise(copy, [...BOUNDS, ...FORGETTING, ...BYTES, ...patches]);
    const key = Symbol.for("lookaside.stage.interlocked");
    const host = globalThis as unknown as Record<symbol, unknown>;
    host[key] = await interlockedOutside(patches);
    return await loaded(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function isNeeded(path: string): boolean {
  return PARTS.test(relative(dist, path)) && !path.endsWith(".d.ts");
}

function revise(copy: string, patches: readonly Patch[]): void {
  const files = new Set(patches.map(({ file }) => file));
  for (const file of files) {
    if (file.includes("/assembly/")) continue; // interlockedOutside has applied it
    const path = `${copy}/${file.replace(/\.ts$/, ".js")}`;
    writeFileSync(path, applyPatches(patches, file, readFileSync(path, "utf8")));
  }
}

async function loaded(copy: string): Promise<Stage> {
  const layer = async (path: string): Promise<unknown> =>
    await import(pathToFileURL(`${copy}/${path}`).href);
  return {
    memory: (await layer("memory/index.js")) as Memory,
    pool: (await layer("pool/index.js")) as PoolLayer,
    threads: (await layer("threads/index.js")) as Threads,
    list: (await layer("list/index.js")) as List,
    channel: (await layer("channel/index.js")) as Channels,
    recovery: (await layer("recovery/index.js")) as Recovery,
    balance: (await layer("system/balance-set-manager.js")) as Balance,
    wdk: await loadedWdk(layer),
  };
}

/** The documented routines: without `boot`, which would ask the host for a memory. */
async function loadedWdk(layer: (path: string) => Promise<unknown>): Promise<Wdk> {
  const parts = [
    "lookaside-ex",
    "lookaside-nonpaged",
    "lookaside-paged",
    "machine",
    "pool",
    "slist",
  ];
  const modules = await Promise.all(parts.map((part) => layer(`wdk/${part}.js`)));
  return Object.assign({}, ...modules) as Wdk;
}
