/**
 * WebAssembly modules of a few bytes, for guests that no compiler would make: everything they have is
 * imported and exported again.
 */
import { utf8Of } from "#src/base/index.js";

/** One import; a function is written as the signatures of `lookaside/guest` are. */
export type TinyImport = {
  readonly module: string;
  readonly name: string;
  /** Exports the import again, under its own or another name. */
  readonly exported?: string;
} & (
  | { readonly function: string }
  | { readonly memory: { readonly shared: boolean; readonly max?: number } }
  | { readonly global: "const" | "mutable" }
  | { readonly table: number }
);

/** What a tiny module consists of. */
export interface TinyModule {
  /** Content of the custom section `dylink.0`, or nothing. */
  readonly dylink?: readonly number[];
  readonly imports?: readonly TinyImport[];
  /** Constant globals that it exports, by name. */
  readonly globals?: Readonly<Record<string, number>>;
  /** A table that it exports under a name, with its imported functions from index 1. */
  readonly table?: string;
}

/** The memory that guests share. */
export const SHARED_MEMORY: TinyImport = {
  module: "env",
  name: "memory",
  memory: { shared: true },
};

/** A section `dylink.0` that asks for static memory, its alignment (log2), and table entries. */
export function dylink(memoryBytes: number, log2 = 4, functions = 0): number[] {
  const content = [...leb(memoryBytes), log2, ...leb(functions), 0];
  return [1, ...leb(content.length), ...content];
}

/** An unsigned LEB128 number. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}

/** A text with its length. */
export function text(value: string): number[] {
  const bytes = [...utf8Of(value)];
  return [...leb(bytes.length), ...bytes];
}

const VALUE_TYPES: Readonly<Record<string, number>> = { i: 0x7f, j: 0x7e };

function functionType(signature: string): number[] {
  const [parameters = "", results = ""] = signature.split(">");
  const values = (letters: string) => [
    letters.length,
    ...[...letters].map((letter) => VALUE_TYPES[letter] as number),
  ];
  return [0x60, ...values(parameters), ...values(results)];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  if (items.length === 0) return [];
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
}

/** The bytes of a tiny module. */
export function tinyWasm({
  dylink: custom,
  imports = [],
  globals = {},
  table,
}: TinyModule): Uint8Array<ArrayBuffer> {
  const types: number[][] = [];
  const exported: number[][] = [];
  const counts = [0, 0, 0, 0];
  const described = imports.map((one) => {
    const [kind, description] = describe(one, types);
    const index = counts[kind] as number;
    counts[kind] = index + 1;
    if (one.exported !== undefined) exported.push([...text(one.exported), kind, ...leb(index)]);
    return [...text(one.module), ...text(one.name), kind, ...description];
  });
  const own = Object.entries(globals).map(([name, value], index) => {
    exported.push([...text(name), 3, ...leb((counts[3] as number) + index)]);
    return [0x7f, 0, 0x41, ...signedLeb(value), 0x0b];
  });
  const functions = Array.from({ length: counts[0] as number }, (_, index) => index);
  if (table !== undefined) exported.push([...text(table), 1, ...leb(counts[1] as number)]);
  const named = custom === undefined ? [] : [...text("dylink.0"), ...custom];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...(custom === undefined ? [] : [0, ...leb(named.length), ...named]),
    ...section(1, types),
    ...section(2, described),
    ...section(4, table === undefined ? [] : [[0x70, 0, ...leb(functions.length + 1)]]),
    ...section(6, own),
    ...section(7, exported),
    ...section(
      9,
      table === undefined ? [] : [[0, 0x41, 1, 0x0b, ...leb(functions.length), ...functions]],
    ),
  ]);
}

function signedLeb(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signedLeb(value >>> 7)];
}

function describe(one: TinyImport, types: number[][]): [number, number[]] {
  if ("function" in one) return [0, leb(types.push(functionType(one.function)) - 1)];
  if ("table" in one) return [1, [0x70, 0, ...leb(one.table)]];
  if ("global" in one) return [3, [0x7f, one.global === "mutable" ? 1 : 0]];
  const { shared, max = 65_536 } = one.memory;
  return [2, [shared ? 3 : 1, 1, ...leb(max)]];
}
