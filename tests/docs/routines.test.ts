/**
 * What an editor shows of the door `lookaside/wdk` stands alone: every function says its errors and has an
 * example, and every documented routine its levels, its thread rule and its source. The header comments of
 * files do not reach an editor.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as wdk from "lookaside/wdk";
import { repositoryRoot } from "../support/repository.js";

const types = new URL("dist/wdk/", repositoryRoot);

/** Docstrings of the functions of the door as they are shipped, by name; of overloads the first. */
const docstrings = new Map<string, string>();
for (const file of readdirSync(types).filter((name) => name.endsWith(".d.ts"))) {
  const declarations = readFileSync(new URL(file, types), "utf8").matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport declare (?:function|const) (\w+)/g,
  );
  for (const [, text = "", name = ""] of declarations) {
    if (!docstrings.has(name)) docstrings.set(name, text.replaceAll(/\n \*/g, ""));
  }
}

const functions = Object.entries(wdk).flatMap(([name, value]) =>
  typeof value === "function" && !/^class\b/.test(String(value)) ? [name] : [],
);

/** Other names of a routine: their docstring leads to it. */
const isOtherName = (text: string): boolean => /^ *\{@link \w+\} (?:under|of)/.test(text);

/** Macros of the headers and words, which are no routines of the kernel. */
const MACROS = /^(?:CONTAINING_RECORD|NT_SUCCESS)$/;

test("every function of the door says what it throws, and has an example", () => {
  assert.ok(functions.length > 60);
  for (const name of functions) {
    const text = docstrings.get(name) ?? assert.fail(`${name} has no docstring`);
    if (isOtherName(text)) continue;
    assert.match(text, /@example/, `${name} has no example`);
    if (name !== "isBooted" && name !== "shutdown") assert.match(text, /@throws/, name);
  }
});

test("every documented routine says at which levels, in which threads, and where it is specified", () => {
  const documented = functions.filter((name) => /^[A-Z]/.test(name) && !MACROS.test(name));
  assert.ok(documented.length > 40);
  for (const name of documented) {
    const text = docstrings.get(name) ?? "";
    if (isOtherName(text)) continue;
    assert.match(text, /IRQL/, `${name} does not say its levels`);
    assert.match(text, /[Tt]hread/, `${name} does not say its threads`);
    const isWord = /^Interlocked(?!.*SList)/.test(name);
    if (!isWord) assert.match(text, /Source: semantics \S/, `${name} does not say its source`);
  }
});
