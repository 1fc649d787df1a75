/**
 * What a relocatable guest says about itself in its custom section `dylink.0`, which wasm-ld writes when it
 * links with `-shared` (the convention of WebAssembly's tools for dynamic linking).
 *
 * ```
 *   section = { kind, bytes, payload }*
 *   kind 1: bytes and alignment (log2) of static memory, functions and alignment of the table
 *   kind 2: names of other libraries that are needed
 *   others: about single imports and exports; not needed here
 * ```
 */
import { LookasideError, textOfUtf8 } from "../../base/index.js";

/** What a guest needs before it can be instantiated. */
export interface StaticNeeds {
  readonly memoryBytes: number;
  readonly memoryAlignmentBytes: number;
  readonly tableFunctions: number;
  readonly tableAlignment: number;
  /** Other libraries that it wants to be linked with. */
  readonly libraries: readonly string[];
}

const MEMORY_INFORMATION = 1;
const NEEDED = 2;

/** 2^16 is a chunk of pool: no data of C wants more. */
const ALIGNMENT_LOG2_MAX = 16;

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new LookasideError("ERR_GUEST", "Cannot load a guest whose dylink.0 section is damaged");
  }

  text(): string {
    const length = this.number();
    const start = this.at;
    this.at += length;
    return textOfUtf8(this.#bytes.subarray(start, this.at));
  }
}

/**
 * The needs of a guest, or null when it has no section `dylink.0`.
 * @throws {LookasideError} ERR_GUEST when the section is damaged.
 */
export function staticNeeds(module: WebAssembly.Module): StaticNeeds | null {
  const [section] = WebAssembly.Module.customSections(module, "dylink.0");
  if (section === undefined) return null;
  const reader = new Reader(new Uint8Array(section));
  let memory = [0, 0, 0, 0];
  const libraries: string[] = [];
  while (!reader.ended) {
    const kind = reader.number();
    const bytes = reader.number();
    const end = reader.at + bytes;
    if (kind === MEMORY_INFORMATION) memory = [1, 2, 3, 4].map(() => reader.number());
    if (kind === NEEDED)
      for (let left = reader.number(); left > 0; left--) libraries.push(reader.text());
    reader.at = end;
  }
  const [memoryBytes = 0, memoryLog2 = 0, tableFunctions = 0, tableLog2 = 0] = memory;
  if (memoryLog2 > ALIGNMENT_LOG2_MAX || tableLog2 > ALIGNMENT_LOG2_MAX) {
    throw new LookasideError(
      "ERR_GUEST",
      `Cannot align a guest to 2^${Math.max(memoryLog2, tableLog2)}`,
    );
  }
  return {
    memoryBytes,
    memoryAlignmentBytes: 2 ** memoryLog2,
    tableFunctions,
    tableAlignment: 2 ** tableLog2,
    libraries,
  };
}
