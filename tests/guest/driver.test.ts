/** The documents' own example: in C and in TypeScript it does the same, in one thread and in two. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { loadTypeScriptDriver, MY_PRIVATE_DATA } from "../../examples/driver/driver.js";
import { crew } from "../support/crew.js";
import { type CDriver, driverModule } from "./guests.js";
import type { drive } from "./threads.tasks.js";

const tasks = new URL("./threads.tasks.js", import.meta.url);
const module = await driverModule();
const TAG = wdk.tag("LLst");

beforeEach(() => wdk.boot({ depth: { periodMs: 0 } }));
afterEach(() => wdk.shutdown());

async function bothDrivers(): Promise<readonly CDriver[]> {
  return [(await loadGuest<CDriver>(module, { name: "driver" })).functions, loadTypeScriptDriver()];
}

/** The two counters of a record. */
function record(context: number): readonly number[] {
  const words = new Int32Array(wdk.memory().buffer);
  return [
    words[(context + MY_PRIVATE_DATA.NumberOfAllocations) >>> 2] as number,
    words[(context + MY_PRIVATE_DATA.NumberOfFrees) >>> 2] as number,
  ];
}

function listOf(context: number): number {
  return context + MY_PRIVATE_DATA.LookasideField;
}

/** All that a list can tell, but for where it lies and what its routines are called. */
function facts(list: number): object {
  const { Address, Allocate, Free, ...rest } = wdk.queryLookaside(list);
  assert.equal(Address, list);
  assert.ok(Allocate !== 0 && Free !== 0);
  return rest;
}

function report(list: number): string {
  return wdk.reportLookaside(list).replace(/@ 0x[0-9A-F]+/, "@");
}

test("the record has two counters and an embedded list of 256-byte nonpaged entries, tag LLst", async () => {
  for (const driver of await bothDrivers()) {
    const context = driver.start();
    assert.deepEqual(record(context), [0, 0]);
    assert.equal(wdk.queryPoolBlock(context)?.bytes, 0x70);
    assert.equal(wdk.queryPoolBlock(context)?.tag, TAG);
    const { Family, Type, Size, Tag, Depth } = wdk.queryLookaside(listOf(context));
    assert.deepEqual([Family, Type, Size, Tag, Depth], ["Ex", wdk.NonPagedPool, 256, TAG, 4]);
    driver.stop(context);
  }
});

test("the same work leaves the same counters and the same report", async () => {
  const results = (await bothDrivers()).map((driver) => {
    const context = driver.start();
    const seen = [1, 4, 5, 20, 3].map((burst) => {
      const missing = driver.work(context, 10, burst);
      return { missing, record: record(context), facts: facts(listOf(context)) };
    });
    const text = report(listOf(context));
    driver.stop(context);
    return { seen, text, pool: wdk.poolUsage(TAG).NonPaged.Diff };
  });
  assert.deepEqual(results[0], results[1]);
  const last = results[0]?.seen.at(-1);
  assert.deepEqual([last?.missing, last?.record], [0, [4, 170]]);
  assert.match(results[0]?.text ?? "", /AllocateMisses +[=:] 174\b.*FreeMisses +[=:] 170\b/);
});

test("allocations that fail are missing in both alike, and counted by neither routine", async () => {
  const results = (await bothDrivers()).map((driver) => {
    const context = driver.start();
    wdk.simulateLowResources({ tags: [TAG], perTenThousand: 5_000, seed: 7 });
    const missing = driver.work(context, 20, 9);
    wdk.simulateLowResources(null);
    const seen = { missing, record: record(context), facts: facts(listOf(context)) };
    driver.stop(context);
    return seen;
  });
  assert.deepEqual(results[0], results[1]);
  assert.notEqual(results[0]?.missing, 0);
});

test("stop gives every entry back through the driver's own routine", async () => {
  for (const driver of await bothDrivers()) {
    const context = driver.start();
    driver.work(context, 3, 6);
    const [allocations] = record(context);
    assert.equal(allocations, 4);
    driver.stop(context);
    assert.equal(wdk.poolUsage(TAG).NonPaged.Diff, 0);
    assert.deepEqual(wdk.activeLists(), []);
  }
});

test("in checked mode the driver is found to be in order", async () => {
  wdk.shutdown();
  wdk.boot({ depth: { periodMs: 0 }, checked: true });
  for (const driver of await bothDrivers()) {
    const scope = wdk.loadDriver("driver", [TAG]);
    const context = driver.start();
    assert.equal(driver.work(context, 5, 10), 0);
    driver.stop(context);
    assert.deepEqual(scope.unload(), { lists: [], tags: [] });
  }
});

for (const language of ["C", "TypeScript"] as const) {
  test(`two threads drive one record in ${language}, and no entry is lost`, async () => {
    const guest = language === "C" ? module : null;
    const [inC, inTypeScript] = await bothDrivers();
    const driver = (guest === null ? inTypeScript : inC) as CDriver;
    const context = driver.start();
    const [rounds, burst] = [400, 7];
    const data = { ticket: wdk.ticket(), module: guest, context, rounds, burst };
    assert.deepEqual(await crew<typeof drive>(tasks, { threads: 2, run: "drive", data }), [0, 0]);
    const list = wdk.queryLookaside(listOf(context));
    const total = 2 * rounds * burst;
    assert.deepEqual([list.TotalAllocates, list.TotalFrees], [total, total]);
    assert.deepEqual(record(context), [list.CurrentDepth, list.FreeMisses]);
    assert.equal(list.AllocateMisses, list.FreeMisses + list.CurrentDepth);
    driver.stop(context);
    assert.equal(wdk.poolUsage(TAG).NonPaged.Diff, 0);
  });
}

test("it tells what it did by DbgPrint", async () => {
  const lines: string[] = [];
  const print = (text: string): number => lines.push(text);
  const { functions } = await loadGuest<CDriver>(module, { name: "driver", print });
  const at = listOf(functions.start()).toString(16).toUpperCase().padStart(8, "0");
  assert.deepEqual(lines, [`driver: list at ${at}, entries of 256 bytes\n`]);
});

test("the example runs as its README says", async () => {
  const program = fileURLToPath(new URL("../../examples/driver/main.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const lines = stdout.split("\n");
  assert.match(lines[0] ?? "", /^driver: list at [0-9A-F]{8}, entries of 256 bytes$/);
  for (const who of ["C, two threads", "TypeScript, one thread"]) {
    const start = lines.findIndex((line) => line.startsWith(`${who}: `));
    const [, held, freed] = /: (\d+) entries from the pool now, (\d+) given back/.exec(
      lines[start] ?? "",
    ) as unknown as [string, string, string];
    const report = lines.slice(start, start + 7).join("\n");
    assert.match(report, new RegExp(`Current Depth += ${held}\\b`), who);
    assert.match(report, new RegExp(`FreeMisses += ${freed}\\b`), who);
    assert.match(report, /TotalAllocates += 120000 +TotalFrees += 120000/, who);
  }
});
