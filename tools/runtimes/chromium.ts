/**
 * Chromium: the same test files in a page, in a web worker and in an AudioWorklet, cross-origin isolated and
 * not; and the tests of `tests/browser`, which are about what only a browser does.
 *
 * Each file has a page of its own. What of Node a file needs is given by stand-ins (`server.ts`); which files
 * need more than there is, `differences.json` says.
 */
import type { Place } from "../../tests/browser/host/page.js";
import { isBrowserTest } from "../test-files.js";
import { type Browser, firstLines, type Page, startChromium } from "./browser.js";
import { type Difference, divide, judge } from "./differences.js";
import type { Case, Result } from "./result.js";
import type { Runtime } from "./runtime.js";
import { type Server, serve } from "./server.js";

const AT_ONCE = 2;
const FILE_MS_MAX = 300_000;
const inTime = { timeout: FILE_MS_MAX };

/** One kind of context. */
export interface Context {
  readonly name: string;
  readonly label: string;
  readonly place: Place;
  readonly isolated: boolean;
}

/** The kinds of contexts. */
export const CONTEXTS: readonly Context[] = [
  { name: "chromium-page", label: "Chromium, page", place: "page", isolated: true },
  { name: "chromium-worker", label: "Chromium, web worker", place: "worker", isolated: true },
  { name: "chromium-worklet", label: "Chromium, AudioWorklet", place: "worklet", isolated: true },
  {
    name: "chromium-plain-page",
    label: "Chromium, page that is not isolated",
    place: "page",
    isolated: false,
  },
  {
    name: "chromium-plain-worker",
    label: "Chromium, web worker that is not isolated",
    place: "worker",
    isolated: false,
  },
  {
    name: "chromium-plain-worklet",
    label: "Chromium, AudioWorklet that is not isolated",
    place: "worklet",
    isolated: false,
  },
];

/** Chromium in each kind of context. */
export const CHROMIUM: readonly Runtime[] = CONTEXTS.map((context) => ({
  name: context.name,
  label: context.label,
  run: (files, own) => runIn(context, files, own),
}));

/**
 * Runs files in a context.
 * @param msMax time for all of it: what takes longer is ended, and counts as not run
 */
export async function runIn(
  context: Context,
  files: readonly string[],
  own: readonly Difference[],
  msMax = Number.POSITIVE_INFINITY,
): Promise<Result> {
  const browser = await startChromium();
  if ("reason" in browser) return { outcome: "not run", ...browser };
  const server = await serve(context.isolated);
  let isLate = false;
  const end = (): void => {
    isLate = true;
    void browser.close();
  };
  const timer = Number.isFinite(msMax) ? setTimeout(end, msMax) : undefined;
  try {
    const mine = files.filter((file) => belongsTo(context, file));
    const { chosen, leftOut } = divide(mine, own);
    const cases = await runAll(browser, server, context, chosen);
    if (isLate) return { outcome: "not run", reason: `it did not end in ${msMax} ms` };
    const counts = { files: chosen.length, leftOut };
    return judge(cases, own, { version: browser.version(), ...counts });
  } finally {
    clearTimeout(timer);
    await browser.close();
    server.close();
  }
}

/** Tests that any runtime has, and those about this kind of context. */
function belongsTo({ place, isolated }: Context, file: string): boolean {
  const folder = `tests/browser/${isolated ? "" : "plain-"}${place}/`;
  return !isBrowserTest(file) || file.startsWith(folder);
}

async function runAll(
  browser: Browser,
  server: Server,
  context: Context,
  files: readonly string[],
): Promise<Case[]> {
  const cases: Case[] = [];
  let next = 0;
  const runNext = async (): Promise<void> => {
    while (next < files.length) {
      const file = files[next++] as string;
      cases.push(...(await runFile(browser, server, context, file)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runNext));
  return cases;
}

/** A page that ends too late, or that fails, is a failure of its file. */
async function runFile(
  browser: Browser,
  server: Server,
  { place }: Context,
  file: string,
): Promise<Case[]> {
  let page: Page | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`did not end in ${FILE_MS_MAX} ms`);
    timer = setTimeout(() => reject(error), FILE_MS_MAX);
  });
  const open = async (): Promise<unknown> => {
    page = await browser.newPage();
    await page.goto(server.url, inTime);
    await page.waitForFunction("globalThis.runFile !== undefined", null, inTime);
    return page.evaluate(`runFile(${JSON.stringify(place)}, ${JSON.stringify(file)})`);
  };
  try {
    const cases = (await Promise.race([open(), late])) as Case[];
    if (cases.length > 0) return cases;
    return [{ file, title: "(the file)", outcome: "failed", message: "reports no test" }];
  } catch (error) {
    return [{ file, title: "(the file)", outcome: "failed", message: firstLines(error) }];
  } finally {
    clearTimeout(timer);
    await page?.close();
  }
}
