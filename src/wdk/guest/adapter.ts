/**
 * Gives JavaScript functions a WebAssembly type, so that they can stand in a guest's function table: a guest
 * that takes the address of a documented routine gets a pointer that it can call, store and pass on.
 *
 * Hosts without the proposal for function types have one way to do it: a module that imports the function
 * and exports it again. This file writes that module, byte by byte:
 *
 * ```
 *   "\0asm" 1 | types: one for each function | imports: f.0, f.1, ... | exports: 0, 1, ...
 * ```
 */
import { utf8Of } from "../../base/index.js";
import { instantiate } from "../../memory/index.js";
import { type GuestRoutine, SIGNATURES } from "./signatures.js";

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const TYPES = 1;
const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0x00;
const FUNCTION_TYPE = 0x60;
const VALUE_TYPES: Readonly<Record<string, number>> = { i: 0x7f, j: 0x7e };

/** An unsigned LEB128 number. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...utf8Of(value)];
  return [...leb(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return [id, ...leb(content.length), ...content];
}

function typeOf(signature: string): number[] {
  const values = (letters: string): number[] =>
    vector([...letters].map((letter) => [VALUE_TYPES[letter] as number]));
  const [parameters = "", results = ""] = signature.split(">");
  return [FUNCTION_TYPE, ...values(parameters), ...values(results)];
}

/** The same functions, by the same names, as functions of WebAssembly. */
export function typed(
  functions: Readonly<Partial<Record<GuestRoutine, WebAssembly.ImportValue>>>,
): Readonly<Record<string, WebAssembly.ExportValue>> {
  const names = Object.keys(functions) as GuestRoutine[];
  const bytes = Uint8Array.from([
    ...PREAMBLE,
    ...section(
      TYPES,
      names.map((name) => typeOf(SIGNATURES[name])),
    ),
    ...section(
      IMPORTS,
      names.map((name, index) => [...text("f"), ...text(name), FUNCTION, ...leb(index)]),
    ),
    ...section(
      EXPORTS,
      names.map((name, index) => [...text(name), FUNCTION, ...leb(index)]),
    ),
  ]);
  return instantiate(bytes, { f: functions as WebAssembly.ModuleImports }).exports;
}
