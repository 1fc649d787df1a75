/**
 * The library in a real browser, as far as one is at hand: a page with its audio thread, and a page that is
 * not cross-origin isolated. All of it is `npm run runtimes -- chromium`.
 *
 * Whether a browser can be had, starts, and is quick enough says nothing about the library: then the test
 * is skipped, with the reason.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { CONTEXTS, runIn } from "../../tools/runtimes/chromium.js";
import { runtimesFolder } from "../../tools/runtimes/install.js";

const MS_MAX = 40_000;
const driver = new URL("node_modules/playwright-core/package.json", runtimesFolder);
const skip = !existsSync(driver) && "playwright-core is not installed: npm run runtimes does it";

/** What the driver says of a browser that is gone. */
const CRASHED = /crashed|has been closed/;

const SMOKE: Readonly<Record<string, readonly string[]>> = {
  "chromium-page": ["tests/browser/page/worklet.test.ts", "tests/behaviour/lists.test.ts"],
  "chromium-plain-page": ["tests/browser/plain-page/alone.test.ts"],
};

for (const context of CONTEXTS.filter(({ name }) => name in SMOKE)) {
  test(`lists work in this place: ${context.label}`, { skip }, async (t) => {
    const result = await runIn(context, SMOKE[context.name] ?? [], [], MS_MAX);
    if (result.outcome === "not run") return t.skip(result.reason);
    const isHosts = result.failures.some((failure) => CRASHED.test(failure));
    if (isHosts) return t.skip(`the browser failed: ${result.failures[0]}`);
    assert.deepEqual(result.failures, []);
    assert.ok(result.passed > 0);
  });
}
