/**
 * The part of playwright-core that these tests use, and where its package and the browser are. The package is
 * never a dependency of the library: `npm run test:monitor` installs it into this folder.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { repositoryRoot } from "../support/repository.js";

/** A request of the page. */
export interface Requested {
  url(): string;
}

/** An element that is looked for again with each use. */
export interface Locator {
  click(): Promise<void>;
  count(): Promise<number>;
  fill(text: string): Promise<void>;
  focus(): Promise<void>;
  getAttribute(name: string): Promise<string | null>;
  hover(options?: { position: { x: number; y: number } }): Promise<void>;
  isVisible(): Promise<boolean>;
  locator(selector: string): Locator;
  first(): Locator;
  nth(index: number): Locator;
  press(key: string): Promise<void>;
  textContent(): Promise<string | null>;
  waitFor(options?: { state: "visible" | "hidden" | "attached" }): Promise<void>;
}

/** A page of the browser. */
export interface Page {
  close(): Promise<void>;
  evaluate<Result>(script: string | (() => Result)): Promise<Result>;
  goto(url: string): Promise<{ status(): number } | null>;
  keyboard: { press(key: string): Promise<void> };
  locator(selector: string): Locator;
  on(event: "request", listener: (request: Requested) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
}

/** How a window is opened. */
export interface ContextOptions {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly deviceScaleFactor?: number;
  readonly reducedMotion?: "reduce";
}

export interface BrowserContext {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** A running browser. */
export interface Browser {
  newContext(options: ContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

interface PlaywrightLike {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

const folder = new URL("tests/monitor-browser/", repositoryRoot);
const require = createRequire(new URL("package.json", folder));
const executablePath = process.env["LOOKASIDE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Why these tests cannot run, or false: what `skip` of a test takes. */
export function whyNoBrowser(): string | false {
  if (process.env["LOOKASIDE_BROWSER_TESTS"] === undefined) {
    return "it needs a real browser: npm run test:monitor";
  }
  if (!existsSync(executablePath)) return `there is no ${executablePath}: set LOOKASIDE_CHROMIUM`;
  return false;
}

/** Starts the browser, which may look for nothing on its own. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = require("playwright-core") as PlaywrightLike;
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  return chromium.launch({ executablePath, args });
}

/** The source of axe, to be evaluated in a page. */
export function axeSource(): string {
  return (require("axe-core") as { readonly source: string }).source;
}
