/** The log as it is shown: each entry once, frequent ones told together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { merged, toldTogether } from "#src/monitor/page/events-view.js";
import type { LogEntry, LogKind } from "#src/monitor/page/wire.js";

function entry(id: number, at: number, kind: LogKind, list: string | null, count = 1): LogEntry {
  return { id, at, overMs: 500, kind, list, count, text: `${count} of ${kind}` };
}

test("entries that come twice are kept once, and another server's begin anew", () => {
  const first = [entry(1, 100, "miss", "a"), entry(2, 200, "miss", "a")];
  const more = merged(first, [entry(2, 200, "miss", "a"), entry(3, 300, "miss", "a")]);
  assert.deepEqual(
    more.map(({ id }) => id),
    [1, 2, 3],
  );
  const again = merged(more, [entry(1, 900, "list", "b")]);
  assert.deepEqual(
    again.map(({ id, at }) => [id, at]),
    [[1, 900]],
  );
  assert.equal(merged(more, []).length, 3);
});

test("misses of one list within ten seconds are one line, newest first; other kinds stay apart", () => {
  const shown = toldTogether([
    entry(1, 9_000, "miss", "a", 7),
    entry(2, 10_000, "miss", "a", 1),
    entry(3, 11_000, "miss", "b", 1),
    entry(4, 12_000, "depth", "a"),
    entry(5, 13_000, "depth", "a"),
    entry(6, 14_000, "miss", "a", 2),
    entry(7, 15_000, "miss", null, 50),
  ]);
  const texts = shown.map(({ id, text }) => `${id} ${text}`);
  assert.deepEqual(texts, [
    "7 50 of miss",
    "6 3 misses",
    "5 1 of depth",
    "4 1 of depth",
    "3 1 of miss",
    "1 7 of miss",
  ]);
  assert.equal(shown[1]?.overMs, 1_000);
});
