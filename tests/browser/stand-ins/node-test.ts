/**
 * `node:test` for pages, workers and worklets: as much of it as tests that need no Node use.
 *
 * Tests run one after the other in the order of their registration, when the host asks for it. One that does
 * not end is given up, so that the others have their turn; a worklet has no timers, there the file ends.
 */
import type { Case } from "../host/case.js";

/** What a test is given. */
export interface TestContext {
  readonly name: string;
  after(action: Action): void;
  skip(reason?: string): void;
  diagnostic(text: string): void;
}

type Action = () => unknown;
type Body = (t: TestContext) => unknown;

interface Options {
  readonly skip?: boolean | string;
  readonly todo?: boolean | string;
}

/** A group of tests with what runs around each, and the group around it. */
interface Suite {
  readonly title: string;
  readonly outer: Suite | null;
  readonly beforeEach: Action[];
  readonly afterEach: Action[];
  readonly before: Action[];
  readonly after: Action[];
}

interface Entry {
  readonly title: string;
  readonly suite: Suite;
  readonly skip: boolean;
  readonly body: Body;
}

const TEST_MS_MAX = 90_000;

const root = newSuite("", null);
const entries: Entry[] = [];
let suite = root;

function newSuite(title: string, outer: Suite | null): Suite {
  return { title, outer, beforeEach: [], afterEach: [], before: [], after: [] };
}

function register(title: string, first?: Options | Body, second?: Body): Promise<void> {
  const options = typeof first === "object" ? first : {};
  const body = typeof first === "function" ? first : (second ?? (() => {}));
  const skip = Boolean(options.skip) || Boolean(options.todo);
  entries.push({ title, suite, skip, body });
  return Promise.resolve();
}

/** Registers a test. */
export const test = Object.assign(register, {
  skip: (title: string): Promise<void> => register(title, { skip: true }),
});

export const it = test;

/** Registers a group. */
export function describe(title: string, body: Action): void {
  const outer = suite;
  suite = newSuite(title, outer);
  body();
  suite = outer;
}

export function beforeEach(action: Action): void {
  suite.beforeEach.push(action);
}

export function afterEach(action: Action): void {
  suite.afterEach.push(action);
}

export function before(action: Action): void {
  suite.before.push(action);
}

export function after(action: Action): void {
  suite.after.push(action);
}

/** Runs all that was registered. For the host. */
export async function runRegistered(file: string): Promise<Case[]> {
  const cases: Case[] = [];
  const suites = new Set<Suite>();
  const strays = strayErrors();
  for (const entry of entries) {
    const ended = await outcomeOf(entry, suites);
    const stray = strays.shift();
    const own = stray === undefined ? ended : { outcome: "failed" as const, message: stray };
    cases.push({ file, title: entry.title, ...own });
  }
  for (const { after } of suites) await runAll(after);
  await laterTask();
  for (const message of strays)
    cases.push({ file, title: "(the file)", outcome: "failed", message });
  return cases;
}

/**
 * What nobody catches, as it happens: Node fails the test that runs meanwhile. A worklet has no such events.
 */
function strayErrors(): string[] {
  const strays: string[] = [];
  const scope = globalThis as Partial<Pick<typeof globalThis, "addEventListener">>;
  scope.addEventListener?.("unhandledrejection", ({ reason }) =>
    strays.push(`unhandled rejection: ${messageOf(reason)}`),
  );
  scope.addEventListener?.("error", ({ message }) => strays.push(`uncaught: ${message}`));
  return strays;
}

/** Lets the host tell of what was not caught. */
function laterTask(): unknown {
  if (typeof MessageChannel === "undefined") return undefined;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

async function outcomeOf(
  entry: Entry,
  suites: Set<Suite>,
): Promise<Pick<Case, "outcome" | "message">> {
  if (entry.skip) return { outcome: "skipped" };
  const around = ancestry(entry.suite);
  const afterwards: Action[] = [];
  let skipped = false;
  const context: TestContext = {
    name: entry.title,
    after: (action) => afterwards.push(action),
    skip: () => {
      skipped = true;
    },
    diagnostic: (text) => console.log(text),
  };
  try {
    for (const each of around) {
      if (!suites.has(each)) await runAll(each.before);
      suites.add(each);
    }
    for (const each of around) await runAll(each.beforeEach);
    try {
      await inTime(entry.body(context));
    } finally {
      await runAll(afterwards);
      for (const each of [...around].reverse()) await runAll(each.afterEach);
    }
  } catch (error) {
    return { outcome: "failed", message: messageOf(error) };
  }
  return { outcome: skipped ? "skipped" : "passed" };
}

/** Settles as the body of a test does, or fails when that takes too long. */
function inTime(body: unknown): unknown {
  if (!(body instanceof Promise) || typeof setTimeout === "undefined") return body; // tidy: a bound
  return new Promise((resolve, reject) => {
    const error = new Error(`did not end in ${TEST_MS_MAX} ms`);
    const timer = setTimeout(() => reject(error), TEST_MS_MAX); // tidy: a bound
    body.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function ancestry(inner: Suite): Suite[] {
  const found: Suite[] = [];
  for (let each: Suite | null = inner; each !== null; each = each.outer) found.unshift(each);
  return found;
}

async function runAll(actions: readonly Action[]): Promise<void> {
  for (const action of actions) await action();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
}
