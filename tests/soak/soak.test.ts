/** The soak in short: `npm run soak` is the long form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../support/seed.js";
import { soak } from "./soak.js";

test("threads that do everything at once, and are ended, leave nothing behind", async (t) => {
  const { seed } = seeded(import.meta.url);
  const seconds = process.env["LOOKASIDE_LONG"] === "1" ? 60 : 2;
  const counts = await soak({ seconds, threads: 3, seed });
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.kills >= 2 * counts.rounds && counts.audits === counts.rounds);
  assert.ok(counts.allocates > 0 && counts.chunks > 0);
});
