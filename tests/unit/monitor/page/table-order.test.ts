/** Order, filter and pages of the table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answersTo,
  type Order,
  ordered,
  pageOf,
  type Row,
  turned,
} from "#src/monitor/page/table-order.js";
import type { FrameList } from "#src/monitor/page/wire.js";

function row(name: string, rate: number | null, size = 64): Row {
  const list = { id: name, name, tag: name, size, kind: "block" } as FrameList;
  return { list, rate, hitRate: null, freeHitRate: null };
}

const names = (rows: readonly Row[]): string[] => rows.map(({ list }) => list.name);

test("rows are sorted by number with names between equals, and what has no number comes last", () => {
  const rows = [row("b", 5), row("a", 5), row("c", null), row("d", 9)];
  assert.deepEqual(names(ordered(rows, { key: "rate", descending: true })), ["d", "a", "b", "c"]);
  assert.deepEqual(names(ordered(rows, { key: "rate", descending: false })), ["a", "b", "d", "c"]);
  assert.deepEqual(names(rows), ["b", "a", "c", "d"], "the rows themselves stay as they were");
});

test("numbers within names count as numbers", () => {
  const rows = [row("list 10", 0), row("list 9", 0), row("List 1", 0)];
  const by = (descending: boolean): string[] => names(ordered(rows, { key: "name", descending }));
  assert.deepEqual(by(false), ["List 1", "list 9", "list 10"]);
  assert.deepEqual(by(true), ["list 10", "list 9", "List 1"]);
});

test("a heading begins with what is wanted most, and turns with each further click", () => {
  const name: Order = { key: "name", descending: false };
  assert.deepEqual(turned(name, "rate"), { key: "rate", descending: true });
  assert.deepEqual(turned(turned(name, "rate"), "rate"), { key: "rate", descending: false });
  assert.deepEqual(turned({ key: "rate", descending: true }, "name"), name);
});

test("a filter is a part of the name or the tag, and its signs mean nothing else", () => {
  const list = { name: "frames [hot]", tag: "Fram" };
  for (const filter of ["", "  ", "FRAM", "[hot]", "es ["])
    assert.ok(answersTo(list, filter), filter);
  for (const filter of [".*", "cold", "hot]x"]) assert.ok(!answersTo(list, filter), filter);
});

test("a page that there is no more of becomes the last", () => {
  const rows = Array.from({ length: 250 }, (_, index) => index);
  assert.deepEqual(pageOf(rows, 1, 100), { rows: rows.slice(100, 200), page: 1, pages: 3 });
  assert.deepEqual(pageOf(rows, 9, 100), { rows: rows.slice(200), page: 2, pages: 3 });
  assert.deepEqual(pageOf(rows, -1, 100).page, 0);
  assert.deepEqual(pageOf([], 3, 100), { rows: [], page: 0, pages: 1 });
});
