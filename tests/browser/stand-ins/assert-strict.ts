/**
 * `node:assert/strict` for pages, workers and worklets: the assertions that the tests use.
 */
import { deepEqual as isDeepEqual } from "./deep-equal.js";

export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "ERR_ASSERTION";
}

/** What an error may be expected to be. */
type Expected = RegExp | ((error: unknown) => unknown) | object;

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  try {
    return (
      JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each)) ??
      "undefined"
    );
  } catch {
    return String(value);
  }
}

function refuse(message: unknown, text: string): never {
  if (message instanceof Error) throw message;
  throw new AssertionError(message === undefined ? text : `${message} (${text})`);
}

function ok(value: unknown, message?: unknown): asserts value {
  if (value) return;
  if (message instanceof Error) throw message;
  throw new AssertionError(message === undefined ? `${show(value)} is not truthy` : `${message}`);
}

function equal(actual: unknown, expected: unknown, message?: unknown): void {
  if (!Object.is(actual, expected)) refuse(message, `${show(actual)} is not ${show(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (Object.is(actual, expected)) refuse(message, `both are ${show(actual)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (!isDeepEqual(actual, expected)) refuse(message, `${show(actual)} is not ${show(expected)}`);
}

function notDeepEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (isDeepEqual(actual, expected)) refuse(message, `both are ${show(actual)}`);
}

function match(text: string, pattern: RegExp, message?: unknown): void {
  if (!pattern.test(text)) refuse(message, `${show(text)} does not match ${pattern}`);
}

function doesNotMatch(text: string, pattern: RegExp, message?: unknown): void {
  if (pattern.test(text)) refuse(message, `${show(text)} matches ${pattern}`);
}

function fail(message?: unknown): never {
  refuse(message, "failed");
}

function throws(action: () => unknown, expected?: Expected | string, message?: unknown): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
    demandExpected(thrown, expected, message);
    return;
  }
  refuse(typeof expected === "string" ? expected : message, "nothing was thrown");
}

async function rejects(
  promised: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | string,
  message?: unknown,
): Promise<void> {
  try {
    await (typeof promised === "function" ? promised() : promised);
  } catch (error) {
    demandExpected(error, expected, message);
    return;
  }
  refuse(typeof expected === "string" ? expected : message, "nothing was rejected");
}

function doesNotThrow(action: () => unknown): void {
  action();
}

function demandExpected(
  error: unknown,
  expected: Expected | string | undefined,
  message: unknown,
): void {
  if (expected === undefined || typeof expected === "string") return;
  if (expected instanceof RegExp) {
    match(String(error), expected, message);
    return;
  }
  if (typeof expected === "function") {
    if (expected.prototype !== undefined && error instanceof expected) return;
    if (Object.prototype.isPrototypeOf.call(Error, expected)) throw error;
    ok((expected as (error: unknown) => unknown)(error) === true, message);
    return;
  }
  for (const [key, wanted] of Object.entries(expected)) {
    const value = Reflect.get(error as object, key);
    if (wanted instanceof RegExp && typeof value === "string") match(value, wanted, message);
    else if (!isDeepEqual(value, wanted)) {
      refuse(message, `${key} of ${String(error)} is ${show(value)}, not ${show(wanted)}`);
    }
  }
}

const assert = Object.assign((value: unknown, message?: unknown): void => ok(value, message), {
  AssertionError,
  deepEqual,
  deepStrictEqual: deepEqual,
  doesNotMatch,
  doesNotThrow,
  equal,
  fail,
  match,
  notDeepEqual,
  notEqual,
  ok,
  rejects,
  strictEqual: equal,
  throws,
});

export { assert as default }; // tidy: node:assert/strict has a default
