/**
 * Chromium: the same test files in a page, in a web worker and in an AudioWorklet, cross-origin isolated and
 * not; and the tests of `tests/browser`, which are about what only a browser does.
 *
 * Each file has a page of its own. What of Node a file needs is given by stand-ins (`server.ts`); which files
 * need more than there is, `differences.json` says.
 */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Place } from "../../tests/browser/host/page.js";
import { isBrowserTest } from "../test-files.js";
import { type Difference, divide, judge } from "./differences.js";
import { installed } from "./install.js";
import type { Case, Result } from "./result.js";
import type { Runtime } from "./runtime.js";
import { type Server, serve } from "./server.js";

const AT_ONCE = 2;
const FILE_MS_MAX = 120_000;
const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What is used of playwright-core, which is not installed when this is compiled. */
interface Driver {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<Browser>;
  };
}

interface Browser {
  version(): string;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Page {
  goto(url: string): Promise<unknown>;
  waitForFunction(script: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/** One kind of context. */
interface Context {
  readonly name: string;
  readonly label: string;
  readonly place: Place;
  readonly isolated: boolean;
}

const CONTEXTS: readonly Context[] = [
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
  run: (files, own) => run(context, files, own),
}));

async function run(
  context: Context,
  files: readonly string[],
  own: readonly Difference[],
): Promise<Result> {
  const program = [process.env["CHROMIUM"], ...PROGRAMS].find((path) => path && existsSync(path));
  if (program === undefined) return { outcome: "not run", reason: "Chromium is not installed" };
  const driver = installed("playwright-core/index.mjs", "browser");
  if ("reason" in driver) return { outcome: "not run", reason: driver.reason };
  const { chromium } = (await import(pathToFileURL(driver.path).href)) as Driver;
  let browser: Browser;
  try {
    browser = await chromium.launch({
      executablePath: program,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--js-flags=--expose-gc",
      ],
    });
  } catch (error) {
    return { outcome: "not run", reason: `Chromium does not start: ${firstLine(error)}` };
  }
  const server = await serve(context.isolated);
  try {
    const mine = files.filter((file) => belongsTo(context, file));
    const { chosen, leftOut } = divide(mine, own);
    const cases = await runAll(browser, server, context, chosen);
    const counts = { files: chosen.length, leftOut };
    return judge(cases, own, { version: browser.version(), ...counts });
  } finally {
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

async function runFile(
  browser: Browser,
  server: Server,
  { place }: Context,
  file: string,
): Promise<Case[]> {
  const page = await browser.newPage();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`did not end in ${FILE_MS_MAX} ms`);
    timer = setTimeout(() => reject(error), FILE_MS_MAX);
  });
  try {
    await page.goto(server.url);
    await page.waitForFunction("globalThis.runFile !== undefined");
    const script = `runFile(${JSON.stringify(place)}, ${JSON.stringify(file)})`;
    const cases = (await Promise.race([page.evaluate(script), late])) as Case[];
    if (cases.length > 0) return cases;
    return [{ file, title: "(the file)", outcome: "failed", message: "reports no test" }];
  } catch (error) {
    return [{ file, title: "(the file)", outcome: "failed", message: firstLine(error) }];
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}

function firstLine(error: unknown): string {
  return String(error).split("\n").slice(0, 2).join(" ");
}
