/**
 * Debian's Chromium, driven by playwright-core: finds both, and starts the browser.
 */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { installed } from "./install.js";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const START_MS_MAX = 60_000;

/** Nothing of it needs a screen, a network or the rights of a user. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-dev-shm-usage",
  "--js-flags=--expose-gc",
];

/** What is used of playwright-core, which is not installed when this is compiled. */
interface Driver {
  readonly chromium: {
    launch(options: {
      executablePath: string;
      args: string[];
      headless: boolean;
      timeout: number;
    }): Promise<Browser>;
  };
}

/** A browser that runs. */
export interface Browser {
  version(): string;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** A page of it. */
export interface Page {
  goto(url: string, options: { timeout: number }): Promise<unknown>;
  waitForFunction(script: string, argument: null, options: { timeout: number }): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts Chromium, or says why it cannot be had. */
export async function startChromium(): Promise<Browser | { readonly reason: string }> {
  const program = [process.env["CHROMIUM"], ...PROGRAMS].find((path) => path && existsSync(path));
  if (program === undefined) return { reason: "Chromium is not installed" };
  const driver = installed("playwright-core/index.mjs", "browser");
  if ("reason" in driver) return driver;
  const { chromium } = (await import(pathToFileURL(driver.path).href)) as Driver;
  const options = { executablePath: program, args: ARGS, headless: true, timeout: START_MS_MAX };
  try {
    return await chromium.launch(options);
  } catch (error) {
    return { reason: `Chromium does not start: ${firstLines(error)}` };
  }
}

/** An error of the driver without its report. */
export function firstLines(error: unknown): string {
  return String(error).split("\n").slice(0, 2).join(" ");
}
