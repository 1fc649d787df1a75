/** include/lookaside.h says what TypeScript says: the same constants, prototypes, offsets, none missing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SIGNATURES } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { FIELD } from "#src/list/index.js";
import { compileGuest } from "../../tools/compile-guest.js";

const header = readFileSync(new URL("../../../include/lookaside.h", import.meta.url), "utf8");
const code = header.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\\\n/g, " ");

/** Names that C needs and TypeScript has otherwise, or not at all. */
const C_ONLY = new Set(["LOOKASIDE_H", "VOID", "NULL", "NTAPI", "TRUE", "FALSE", "FORCEINLINE"]);
/** Routines that TypeScript has no use for: `throw` and `console` are its own. */
const GUEST_ONLY = ["DbgPrint", "takeRaisedStatus"];
/** Documented as macros. */
const MACROS = ["CONTAINING_RECORD", "NT_SUCCESS"];

interface Prototype {
  readonly result: string;
  readonly parameters: readonly { readonly type: string; readonly name: string }[];
}

function parametersIn(text: string): Prototype["parameters"] {
  if (text.trim() === "VOID") return [];
  return text.split(",").map((one) => {
    const match = /^(.*?)(\w+)$/s.exec(one.trim());
    return { type: (match?.[1] ?? one).trim(), name: match?.[2] ?? "..." };
  });
}

/** Every prototype, by name. */
function prototypes(): ReadonlyMap<string, Prototype> {
  const plain = code.replace(/__attribute__\(\((?:[^()]|\([^()]*\))*\)\)|DECLSPEC_NORETURN/g, "");
  const pattern = /^LOOKASIDE_IMPORT\((\w+)\)\s+(\w+) (\w+)\(([^;]*)\);/gm;
  const found = new Map<string, Prototype>();
  for (const [, imported, result = "", name = "", inside = ""] of plain.matchAll(pattern)) {
    assert.equal(imported, name, "a routine is imported under its own name");
    found.set(name, { result, parameters: parametersIn(inside) });
  }
  assert.equal(found.size, (plain.match(/^LOOKASIDE_IMPORT/gm) ?? []).length, "all were read");
  return found;
}

function signatureOf({ result, parameters }: Prototype): string {
  const letters = parameters.map(({ type }) => (type === "POOL_FLAGS" ? "j" : "i"));
  return `${letters.join("")}>${result === "VOID" ? "" : "i"}`;
}

const declared = prototypes();

test("every routine that a guest can import has a prototype of its type, and no other has one", () => {
  const types = Object.fromEntries([...declared].map(([name, one]) => [name, signatureOf(one)]));
  assert.deepEqual(types, { ...SIGNATURES });
});

/** The documented functions of the door, errors aside. */
const documented = Object.entries(wdk).filter(
  ([name, value]) =>
    typeof value === "function" && /^[A-Z]/.test(name) && !/^class\b/.test(String(value)),
) as [string, () => unknown][];

test("every documented routine of lookaside/wdk is in the header, and the other way round", () => {
  const names = documented.map(([name]) => name).filter((name) => !MACROS.includes(name));
  const expected = Object.keys(SIGNATURES).filter((name) => !GUEST_ONLY.includes(name));
  assert.deepEqual(names.sort(), expected.sort());
  for (const macro of MACROS) assert.match(code, new RegExp(`#define ${macro}\\(`), macro);
});

test("parameters have the same names in the same order", () => {
  for (const [name, routine] of documented) {
    const prototype = declared.get(name);
    if (prototype === undefined) continue;
    const inside = /\((.*?)\)\s*(?:=>|\{)/s.exec(String(routine))?.[1] ?? "";
    const typed = inside
      .split(",")
      .map((one) => one.replace(/=.*/s, "").trim().replace(/^_/, ""))
      .filter((one) => one !== "");
    const named = prototype.parameters.map((one) => one.name);
    // The documented KeRaiseIrql has a second one, for what is the result in TypeScript.
    assert.deepEqual(named.slice(0, name === "KeRaiseIrql" ? 1 : undefined), typed, name);
  }
});

/** The constants of the door, by name. */
const constants = new Map(
  Object.entries<unknown>(wdk).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  ),
);

test("every constant of lookaside/wdk is in the header, and the other way round", () => {
  const defined = [...code.matchAll(/^#define (\w+) [^\n]/gm)].map((match) => match[1] as string);
  const body = /enum _POOL_TYPE \{([^}]*)\}/.exec(code)?.[1] ?? "";
  const enumerators = [...body.matchAll(/(\w+) =/g)].map((match) => match[1] as string);
  const own = [...defined, ...enumerators].filter(
    (name) =>
      !C_ONLY.has(name) && !/^(?:LOOKASIDE_(?:C|ASSERT|GENERAL)|DECLSPEC_NORETURN)$/.test(name),
  );
  const expected = [...constants.keys()].filter((name) => name !== "NULL");
  assert.deepEqual(own.sort(), expected.sort());
});

test("every POOL_TYPE is exported by its bare name too, as C's enumerators are", () => {
  const bare = Object.keys(wdk.POOL_TYPE).map((name) => [name, constants.get(name)]);
  assert.deepEqual(Object.fromEntries(bare), wdk.POOL_TYPE);
});

test("the constants have the same values, as the compiler sees them", async () => {
  const asserts = [...constants]
    .filter(([name]) => name !== "NULL")
    .map(([name, value]) => {
      const narrow = value <= 0xffff_ffff ? "(ULONG)" : "";
      return `_Static_assert(${narrow}(${name}) == ${value}ULL, "${name}");`;
    });
  const source = ["#include <lookaside.h>", ...asserts, "LOOKASIDE_EXPORT(f) VOID f(VOID) {}"];
  await compileGuest("constants", source.join("\n"));
});

test("the fields of a descriptor lie where TypeScript has them", () => {
  const asserted = [...code.matchAll(/LOOKASIDE_FIELD\((\w+), (0x[0-9A-F]+)\);/g)].map(
    ([, name, offset]) => [name, Number(offset)],
  );
  const { Family, PopsAtReset, PushesAtReset, ...fields } = FIELD;
  assert.deepEqual(Object.fromEntries(asserted), { ...fields, Future: PopsAtReset });
  assert.deepEqual(
    [Family, PushesAtReset],
    [0x07, PopsAtReset + 4],
    "hidden in ListHead and Future",
  );
});
