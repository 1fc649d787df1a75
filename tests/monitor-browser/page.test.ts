/**
 * The live page in a real browser: it draws, it follows, it can be used by keys, on a phone, in the dark and
 * by those who do not see it; nothing leaves this machine, and no name becomes markup.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { System } from "lookaside";
import { type Monitor, serveMonitor } from "lookaside/monitor";
import { type Browser, launchBrowser, type Page, whyNoBrowser } from "./playwright.js";
import {
  demandAccessible,
  demandNoSidewaysScroll,
  until,
  type Watched,
  watchPage,
} from "./watched-page.js";

const skip = whyNoBrowser();
const WIDE = { viewport: { width: 1280, height: 900 } } as const;

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launchBrowser();
});
after(async () => browser?.close());

/** A monitor of a fresh system, and a page that shows it. */
async function withPage(
  use: (parts: { system: System; monitor: Monitor; page: Page; watched: Watched }) => Promise<void>,
  context: Parameters<Browser["newContext"]>[0] = WIDE,
  prepare: (system: System) => void = () => {},
): Promise<void> {
  const system = System.create({
    nonPaged: "16 MiB",
    paged: "4 MiB",
    threads: 8,
    depth: { periodMs: 0 },
  });
  prepare(system);
  const monitor = await serveMonitor(system, { port: 0, periodMs: 100 });
  const watched = await watchPage(browser, monitor.url, context);
  try {
    await use({ system, monitor, page: watched.page, watched });
    watched.demandClean();
  } finally {
    await watched.close();
    await monitor.close();
    system.detach();
  }
}

/** Text of the cell of a list's row, by the heading of its column. */
const cellOf = (list: string, column: number): string =>
  `[...document.querySelectorAll("table.lists tbody tr")]
    .find((row) => row.querySelector(".list-name").textContent === ${JSON.stringify(list)})
    ?.children[${column}].textContent`;

test("rows, tiles and charts follow the system", { skip }, async () => {
  await withPage(async ({ system, page, watched }) => {
    await page.locator("#lists-table .empty").waitFor({ state: "visible" });
    const list = system.blockList({ tag: "Move", name: "moving", size: 1024 });
    const blocks = Array.from({ length: 7 }, () => list.allocate());
    await until(page, `${cellOf("moving", 5)} === "7"`);
    for (const block of blocks) block?.free();
    await until(page, `${cellOf("moving", 5)} === "0" && ${cellOf("moving", 4)} === "4"`);
    await until(page, `document.querySelector(".tile .value").textContent.includes("/s")`);
    const playing = setInterval(() => {
      for (let pair = 0; pair < 100; pair++) list.allocate()?.free();
    }, 20);
    try {
      await until(page, `parseFloat(${cellOf("moving", 6)}.replace(",", "")) > 100`);
      await until(page, `${inkOf(0)} > 40 && ${inkOf(1)} > 40 && ${inkOf(2)} > 40`);
    } finally {
      clearInterval(playing);
    }
    watched.forgive("willReadFrequently");
    await until(page, `document.querySelector(".entries").textContent.includes("moving")`);
  });
});

/** Pixels of a chart that are neither grey nor clear: what its lines have drawn. */
const inkOf = (chart: number): string => `(() => {
  const canvas = document.querySelectorAll(".plot canvas")[${chart}];
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue, alpha] = data.subarray(at, at + 4);
    const spread = Math.max(red, green, blue) - Math.min(red, green, blue);
    if (alpha > 128 && spread > 40) ink++;
  }
  return ink;
})()`;

test("the map shows the runs, and the table under it the same in words", { skip }, async () => {
  await withPage(async ({ system, page }) => {
    const list = system.blockList({ tag: "Maps", size: 4096 });
    for (let count = 0; count < 100; count++) list.allocate();
    await until(page, `document.querySelector("#memory-summary").textContent.includes("run")`);
    await page.locator("#memory summary").click();
    await until(page, `document.querySelector("#memory tbody").textContent.includes("4 KiB")`);
    await page.locator("#memory canvas").hover({ position: { x: 5, y: 5 } });
    await until(
      page,
      `document.querySelector(".pointed").textContent.startsWith("Chunk 0: nonpaged slab")`,
    );
    await demandAccessible(page);
  });
});

test("a list is found, sorted, chosen and left by keys alone", { skip }, async () => {
  const prepare = (system: System): void => {
    for (const [tag, size] of [
      ["Aaaa", 64],
      ["Bbbb", 512],
      ["Cccc", 256],
    ] as const) {
      system.blockList({ tag, size }).allocate();
    }
  };
  await withPage(
    async ({ page }) => {
      const focused = "document.activeElement.textContent";
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(focused), "Skip to the lists");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab"); // the filter
      await page.keyboard.press("Tab"); // the table that can be scrolled
      await page.keyboard.press("Tab"); // its first heading
      await page.locator('button.sort:has-text("Size")').focus();
      await page.keyboard.press("Enter");
      await until(page, `document.querySelector(".list-name").textContent === "Bbbb"`);
      assert.equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "descending");
      await page.locator('.row-name[tabindex="0"]').focus();
      await page.keyboard.press("Home");
      assert.equal(await page.evaluate(focused), "BbbbBbbb");
      await page.keyboard.press("ArrowDown");
      assert.equal(await page.evaluate(focused), "CcccCccc");
      await page.keyboard.press("Enter");
      await until(page, `document.querySelector("#charts-heading").textContent === "Cccc"`);
      await until(page, `document.activeElement.getAttribute("aria-pressed") === "true"`);
      await page.locator("#rings summary").click();
      await until(page, `document.querySelector("#rings tbody tr th")?.textContent === "1"`);
      await demandAccessible(page);
      await page.locator('.row-name[tabindex="0"]').focus();
      await page.keyboard.press("Escape");
      await until(page, `document.querySelector("#charts-heading").textContent === "All lists"`);
    },
    WIDE,
    prepare,
  );
});

test("on a phone nothing is wider than the screen, and all is accessible", { skip }, async () => {
  const prepare = (system: System): void => {
    const name = "a list with a name that is much longer than a phone is wide";
    system.blockList({ tag: "Long", name, size: 100_000 }).allocate();
    system.blockList({ tag: "Othr", size: 64, pool: "paged" }).allocate();
  };
  const phone = { viewport: { width: 360, height: 740 } };
  await withPage(
    async ({ page }) => {
      await until(page, `document.querySelectorAll(".row-name").length === 2`);
      await demandNoSidewaysScroll(page);
      await page.locator(".row-name").first().click();
      await page.locator("#rings summary").click();
      await page.locator("#memory summary").click();
      await until(page, `document.querySelector("#rings tbody tr") !== null`);
      await demandNoSidewaysScroll(page);
      await demandAccessible(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await demandNoSidewaysScroll(page);
    },
    phone,
    prepare,
  );
});

test("dark and light are as the system has them, until the button says otherwise", {
  skip,
}, async () => {
  const ground = "getComputedStyle(document.documentElement).backgroundColor";
  await withPage(
    async ({ system, page }) => {
      system.blockList({ tag: "Dark", size: 64 }).allocate();
      await until(page, `document.querySelectorAll(".row-name").length === 1`);
      assert.equal(await page.evaluate(ground), "rgb(13, 16, 21)");
      await demandAccessible(page);
      await page.locator("#theme").click();
      assert.equal(await page.locator("#theme").textContent(), "Theme: light");
      assert.equal(await page.evaluate(ground), "rgb(245, 246, 248)");
      await demandAccessible(page);
      await page.goto(await page.evaluate("location.href"));
      await until(page, `document.body.dataset.ready === "true"`);
      assert.equal(await page.evaluate(ground), "rgb(245, 246, 248)", "it is remembered");
      await page.locator("#theme").click();
      assert.equal(await page.evaluate(ground), "rgb(13, 16, 21)");
    },
    { ...WIDE, colorScheme: "dark" },
  );
});

test("names that users give are text, and the browser itself forbids markup", {
  skip,
}, async () => {
  const name = `<img src=x onerror="document.title='broken'">\u202e\u0007`;
  await withPage(
    async ({ page, watched }) => {
      await until(page, `document.querySelectorAll(".row-name").length === 1`);
      const shown = name.replaceAll("\u202e", "\u25a1").replaceAll("\u0007", "\u25a1");
      assert.equal(await page.locator(".list-name").textContent(), shown);
      await page.locator(".row-name").click();
      await until(page, `document.querySelector("#charts-heading").textContent.startsWith("<img")`);
      assert.equal(await page.evaluate("document.images.length"), 1); // the logo
      assert.equal(await page.evaluate("document.title"), "lookaside");
      const attempt = `(() => {
        try { document.createElement("p").innerHTML = "<b>x</b>"; return "allowed"; }
        catch (error) { return error.name; }
      })()`;
      assert.equal(await page.evaluate(attempt), "TypeError");
      watched.forgive("requires 'TrustedHTML' assignment");
    },
    WIDE,
    (system) => void system.blockList({ tag: "<b>!", name, size: 64 }).allocate(),
  );
});

test("a thousand lists are shown a page at a time, filtered and sorted", { skip }, async () => {
  const prepare = (system: System): void => {
    for (let number = 0; number < 1_000; number++) {
      const tag = `T${String(number % 100).padStart(3, "0")}`;
      system.blockList({ tag, name: `list ${number}`, size: 64 + 16 * (number % 7) });
    }
  };
  await withPage(
    async ({ page }) => {
      await until(page, `document.querySelector("#lists-count").textContent === "1,000 lists"`);
      assert.equal(await page.locator("table.lists tbody tr").count(), 100);
      assert.equal(await page.locator("#pages p").textContent(), "1–100 of 1,000");
      await page.locator('#pages button:has-text("Next")').click();
      await until(page, `document.querySelector(".list-name").textContent === "list 100"`);
      await page.locator("#filter").fill("t042");
      await until(
        page,
        `document.querySelector("#lists-count").textContent === "10 of 1,000 lists"`,
      );
      assert.equal(await page.locator(".list-name").first().textContent(), "list 42");
      await page.locator("#filter").fill("nothing like it");
      await page.locator("#lists-table .empty").waitFor({ state: "visible" });
      await demandAccessible(page);
    },
    WIDE,
    prepare,
  );
});

test("a pause takes no snapshots; a lost server is told, and found again by itself", {
  skip,
}, async () => {
  await withPage(async ({ system, monitor, page, watched }) => {
    const status = `document.querySelector("#status").textContent`;
    await until(page, `${status} === "Live"`);
    await page.locator("#pause").click();
    await until(page, `${status} === "Paused"`);
    while (monitor.watchers > 0) await new Promise(setImmediate);
    await demandAccessible(page);
    await page.locator("#pause").click();
    await until(page, `${status} === "Live"`);
    const { port } = monitor;
    await monitor.close();
    await until(page, `${status} === "Disconnected"`);
    assert.match(
      (await page.locator("#notice").textContent()) ?? "",
      /does not answer; next try in \d+ s/,
    );
    await demandAccessible(page);
    const again = await serveMonitor(system, { port, periodMs: 100 });
    await until(page, `${status} === "Live"`);
    assert.equal(await page.locator("#notice").isVisible(), false);
    watched.forgive("ERR_");
    await again.close();
  });
});

test("with a token, one visit opens the page, and its streams need no more", { skip }, async () => {
  const system = System.create({ nonPaged: "1 MiB", threads: 4, depth: { periodMs: 0 } });
  const token = "a-token-of-enough-length";
  const monitor = await serveMonitor(system, { port: 0, periodMs: 100, token });
  const watched = await watchPage(browser, `${monitor.url}?token=${token}`, WIDE);
  try {
    await until(watched.page, `document.querySelector("#status").textContent === "Live"`);
    assert.equal(await watched.page.evaluate("location.href"), monitor.url);
    assert.equal(await watched.page.evaluate("document.cookie"), "");
    watched.demandClean();
  } finally {
    await watched.close();
    await monitor.close();
    system.detach();
  }
});
