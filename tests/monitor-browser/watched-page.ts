/** A page of the browser under watch: what it asks for, what it complains of, whether all can use it. */
import assert from "node:assert/strict";
import { axeSource, type Browser, type ContextOptions, type Page } from "./playwright.js";

/** A page, and what became known of it. */
export interface Watched {
  readonly page: Page;
  /** Demands that all it asked for was at its own address, and that nothing was wrong in it. */
  demandClean(): void;
  /** Forgets complaints with these words in them: what they tell of was on purpose. */
  forgive(words: string): void;
  close(): Promise<void>;
}

/** Opens a page and waits until it shows its first frame. */
export async function watchPage(
  browser: Browser,
  url: string,
  options: ContextOptions,
): Promise<Watched> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const { origin } = new URL(url);
  const asked: string[] = [];
  let complaints: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  await page.goto(url);
  await until(page, `document.body.dataset.ready === "true"`);
  return {
    page,
    demandClean() {
      assert.ok(asked.length > 10);
      assert.deepEqual(
        asked.filter((address) => new URL(address).origin !== origin),
        [],
      );
      assert.deepEqual(complaints, []);
    },
    forgive(words) {
      complaints = complaints.filter((complaint) => !complaint.includes(words));
    },
    close: () => context.close(),
  };
}

/**
 * Waits until a script says true in the page: looks once for each frame of the screen. (Playwright's own
 * way of waiting compiles text later, which the page's policy forbids.)
 */
export async function until(page: Page, script: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  const look = `new Promise((say) => requestAnimationFrame(() => say(Boolean(${script}))))`;
  while (!(await page.evaluate<boolean>(look))) {
    assert.ok(performance.now() < deadline, `it did not come true within a minute: ${script}`);
  }
}

interface AxeResults {
  readonly violations: { readonly id: string; readonly nodes: { readonly html: string }[] }[];
}

/** Demands that axe finds nothing to blame, in the state that the page is in. */
export async function demandAccessible(page: Page): Promise<void> {
  await page.evaluate(axeSource());
  const { violations } = await page.evaluate<AxeResults>("axe.run(document)");
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
  assert.deepEqual(found, []);
}

/** Demands that the page as a whole cannot be moved sideways. */
export async function demandNoSidewaysScroll(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate<[number, number]>(
    "[document.scrollingElement.scrollWidth, innerWidth]",
  );
  assert.ok(wide <= room, `the page is ${wide} pixels wide on a screen of ${room}`);
}
