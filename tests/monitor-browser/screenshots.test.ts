/**
 * Pictures of the page over a busy system, for people to look at: in `build/monitor`, and with
 * `npm run test:monitor -- --keep-screenshots` in `docs/images`, as the README shows them.
 */
import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Monitor, serveMonitor } from "lookaside/monitor";
import { repositoryRoot } from "../support/repository.js";
import { type Browser, type ContextOptions, launchBrowser, whyNoBrowser } from "./playwright.js";
import { type Scene, startScene } from "./scene.js";
import { demandAccessible, demandNoSidewaysScroll, watchPage } from "./watched-page.js";

const skip = whyNoBrowser();
const keep = process.env["LOOKASIDE_KEEP_SCREENSHOTS"] !== undefined;
const folder = fileURLToPath(new URL(keep ? "docs/images/" : "build/monitor/", repositoryRoot));
/** Steps of the scene before a picture: enough for lines on the charts, more for pictures that are kept. */
const STEPS = keep ? 1_100 : 80;

let browser: Browser;
let scene: Scene;
let monitor: Monitor;
let playing: NodeJS.Timeout;
before(async () => {
  if (skip !== false) return;
  mkdirSync(folder, { recursive: true });
  browser = await launchBrowser();
  scene = await startScene();
  monitor = await serveMonitor(scene.system, { port: 0, periodMs: 250, title: "image server" });
  playing = setInterval(() => scene.step(), 50);
});
after(async () => {
  clearInterval(playing);
  await monitor?.close();
  await scene?.stop();
  await browser?.close();
});

interface Picture {
  readonly name: string;
  readonly window: ContextOptions;
  /** Number of the row to choose, or null. */
  readonly chosen: number | null;
  readonly fullPage: boolean;
}

const PICTURES: readonly Picture[] = [
  {
    name: "light",
    window: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
    chosen: null,
    fullPage: true,
  },
  {
    name: "dark",
    window: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
    chosen: 0,
    fullPage: true,
  },
  {
    name: "narrow",
    window: { viewport: { width: 360, height: 1_560 }, colorScheme: "light", deviceScaleFactor: 2 },
    chosen: null,
    fullPage: false,
  },
];

test("the page of a busy system is accessible, fits its screen, and has its picture taken", {
  skip,
}, async () => {
  const take = async ({ name, window, chosen, fullPage }: Picture): Promise<void> => {
    const watched = await watchPage(browser, monitor.url, window);
    const { page } = watched;
    await page.locator('[data-span="60"]').click();
    await scene.played(STEPS);
    if (chosen !== null) {
      await page.locator(".row-name").nth(chosen).click();
      await page.locator("#clear-selection").waitFor({ state: "visible" });
    }
    await demandNoSidewaysScroll(page);
    await demandAccessible(page);
    const path = `${folder}monitor-${name}.png`;
    await page.screenshot({ path, fullPage });
    assert.ok(statSync(path).size > 30_000, `${path} is empty`);
    watched.demandClean();
    await watched.close();
  };
  await Promise.all(PICTURES.map(take));
});
