/** DbgPrint: C's formats, from a guest's memory; whatever the guest passes, a text comes out. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Guest, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { type Probe, probeModule } from "./guests.js";

const module = await probeModule();
let guest: Guest<Probe>;
const lines: string[] = [];

beforeEach(async () => {
  wdk.shutdown();
  wdk.boot({ depth: { periodMs: 0 } });
  guest = await loadGuest<Probe>(module, { name: "probe", print: (text) => lines.push(text) });
  lines.length = 0;
});

/** The address of a text in the pool. */
function textAt(text: string): number {
  const bytes = new TextEncoder().encode(`${text}\0`);
  const address = wdk.ExAllocatePoolWithTag(wdk.PagedPool, bytes.length, wdk.tag("Test"));
  wdk.touch(address, bytes.length).set(bytes);
  return address;
}

test("values come out as C's formats say", () => {
  guest.functions.print();
  assert.deepEqual(lines, [
    "plain\n",
    "-5 7 4000000000 beef BEEF 10 c text %\n",
    "[   42] [42   ] [-0042] [   right] [left    ] [cu] [007]\n",
    "1 -1 18446744073709551615 123456789abcdef 00C0FFEE\n",
    "1 2 3\n",
  ]);
});

test("Windows' own length of 64 bits is known", () => {
  guest.functions.printAt(textAt("%I64u"), 1);
  assert.match(lines[0] ?? "", /^\d+$/);
});

test("a text that is nowhere is shown as its address", () => {
  guest.functions.printAt(textAt("<%s>"), 0xffff_fff0);
  guest.functions.printAt(textAt("<%s>"), 0);
  guest.functions.printAt(0xffff_fff0, 0);
  guest.functions.printAt(0, 0);
  assert.deepEqual(lines, [
    "<<no text at 0xfffffff0>>",
    "<<no text at 0x0>>",
    "<no text at 0xfffffff0>",
    "<no text at 0x0>",
  ]);
});

test("a line has at most 512 characters, whatever its format says", () => {
  guest.functions.printAt(textAt("%999999999d"), 5);
  guest.functions.printAt(textAt("%.999999999x"), 5);
  guest.functions.printAt(textAt("%s%s".padEnd(600, "x")), textAt("y".repeat(600)));
  assert.deepEqual(
    lines.map((line) => line.length),
    [512, 512, 512],
  );
});

test("what is no format stays as it is", () => {
  guest.functions.printAt(textAt("100%, %q, %"), 0);
  assert.deepEqual(lines, ["100%, %q, %"]);
});
