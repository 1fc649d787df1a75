/** Reports: the debugger's layouts to the letter, tables, and comma-separated values that readers take. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePoolWithTag,
  ExFreeToNPagedLookasideList,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  NonPagedPool,
  NULL,
  PagedPool,
  poolUsage,
  reportLookaside,
  reportPoolmon,
  shutdown,
  system,
  tag,
} from "lookaside/wdk";
import { reportText } from "#src/cli/report/command.js";
import { csv } from "#src/cli/report/csv.js";
import { lookasideText, poolmonText } from "#src/cli/report/debugger-layouts.js";
import { tableOf, tableText } from "#src/cli/report/tables.js";
import {
  blockListOf,
  documentedListOf,
  objectListOf,
  snapshotOf,
  tagOf,
} from "../../support/snapshots.js";

test("for documented lists and tags the text is that of reportLookaside and reportPoolmon", () => {
  boot({ nonPagedPoolBytes: "1 MiB", pagedPoolBytes: "1 MiB", threads: 2, depth: { periodMs: 0 } });
  try {
    const storage = ExAllocatePoolWithTag(NonPagedPool, 256, tag("List"));
    ExInitializeNPagedLookasideList(storage, NULL, NULL, 0, 48, tag("Fram"), 0);
    ExInitializeLookasideListEx(storage + 128, NULL, NULL, PagedPool, 0, 100, 0x0167_6150, 0);
    const entries = [1, 2, 3, 4, 5, 6].map(() => ExAllocateFromNPagedLookasideList(storage));
    const before = { usage: poolUsage(), snapshot: system().snapshot() };
    for (const entry of entries) ExFreeToNPagedLookasideList(storage, entry);
    ExAllocateFromNPagedLookasideList(storage);
    ExAllocateFromLookasideListEx(storage + 128);
    ExFreePoolWithTag(ExAllocatePoolWithTag(PagedPool, 77, tag("Back")), tag("Back"));
    const { lists, tags } = system().snapshot();
    const expected = reportLookaside().replace(/Tag\(hex\): 0x\w+ "Pag\."/, 'Tag: "Pag."');
    assert.equal(lists.map(lookasideText).join("\n\n"), expected);
    assert.equal(poolmonText(tags, null), reportPoolmon());
    assert.equal(poolmonText(tags, before.snapshot.tags), reportPoolmon(before.usage));
  } finally {
    shutdown();
  }
});

test("lists of the other kinds have the same layout, and counters beyond 32 bits", () => {
  const list = blockListOf({
    allocates: 2 ** 40,
    allocateMisses: 1,
    policy: "idle",
    pool: "paged",
  });
  assert.equal(
    lookasideText(list),
    [
      'Lookaside "block list frames"  Tag(hex): 0x6D617246 "Fram"',
      "  Type             = PagedPool, policy idle",
      "  Current Depth    = 40           Max Depth      = 64",
      "  Size             = 1536         Max Alloc      = 98304",
      "  AllocateMisses   = 1            FreeMisses     = 10",
      "  TotalAllocates   = 1099511627776 TotalFrees     = 950",
      "  Hit Rate         = 99%          Hit Rate       = 98%",
    ].join("\n"),
  );
  assert.match(lookasideText(objectListOf()), /= objects of thread 1, policy own$/m);
  assert.match(lookasideText(blockListOf({ deleted: true })), /policy idle, deleted$/m);
  const none = { allocates: 0, allocateMisses: 0, frees: 0, freeMisses: 0 };
  assert.match(lookasideText(documentedListOf(none)), /Hit Rate {9}= 0% .* = 0%$/m);
});

test("names and tags of other programs cannot write to the terminal", () => {
  const evil = "\x1b[31m\n";
  const snapshot = snapshotOf({
    lists: [
      blockListOf({ name: evil, tag: evil, policy: evil }),
      objectListOf({ name: evil, tag: evil, policy: evil }),
    ],
    tags: [tagOf({ tag: evil })],
  });
  for (const table of [undefined, "rings", "lists", "tags"] as const) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(reportText(snapshot, null, table), /[\x00-\x09\x0b-\x1f]/);
  }
});

test("a report without lists says so", () => {
  assert.match(reportText(snapshotOf({ lists: [] })), /^No lookaside lists are in use$/m);
});

test("a report tells of a stopped machine and of recoveries", () => {
  const text = reportText(
    snapshotOf({
      state: "stopped",
      stopCode: 0xc2,
      recoveries: { threads: 1, parked: 4, reclaimed: 3, kept: 2, locks: 0 },
    }),
  );
  assert.match(
    text,
    /^Taken 2026-01-02T03:04:05\.000Z by thread 1; the system is stopped by bug check 0xc2$/m,
  );
  assert.match(text, /^Recovered 1 thread: 4 blocks were parked, 3 reclaimed, 2 kept$/m);
});

test("a table as text has its numbers at the right and its texts at the left", () => {
  assert.equal(
    tableText([
      ["name", "count", "none"],
      ["a", 5, null],
      ["longer", 1_000, 3],
    ]),
    "name    count  none\na           5     -\nlonger   1000     3",
  );
  assert.equal(
    tableText(tableOf(snapshotOf(), "threads")),
    "thread  status    host  epoch\n     1  attached     0      0",
  );
});

/** A naive reader of comma-separated values. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else while (at < text.length && text[at] !== "," && text[at] !== "\n") cell += text[at++];
    rows.at(-1)?.push(cell);
    if (text[at++] === "\n" && at < text.length) rows.push([]);
  }
  return rows;
}

test("whatever a cell contains, a reader of comma-separated values gets it back", () => {
  const nasty = [
    "",
    "a,b",
    'say "x"',
    '"',
    '""',
    "two\nlines",
    "\r",
    " lead",
    "trail ",
    "=1+1",
    "表",
  ];
  const rows = [nasty, nasty.toReversed()];
  assert.deepEqual(readCsv(csv(rows)), rows);
  assert.equal(csv([["a", 1, true, null, undefined]]), "a,1,true,,\n");
  assert.equal(csv([['a"b,c']]), '"a""b,c"\n');
});

test("each table as comma-separated values has a row for each thing and a cell for each title", () => {
  const snapshot = snapshotOf();
  const rows = { lists: 3, tags: 2, pools: 2, threads: 1, rings: 1 } as const;
  for (const [name, count] of Object.entries(rows)) {
    const cells = readCsv(csv(tableOf(snapshot, name as keyof typeof rows)));
    assert.equal(cells.length, count + 1, name);
    for (const row of cells) assert.equal(row.length, cells[0]?.length, name);
  }
});

test("the table of lists has every number that a snapshot has of any list", () => {
  const titles = tableOf(snapshotOf(), "lists")[0] ?? [];
  for (const list of snapshotOf().lists) {
    for (const field of Object.keys(list)) {
      if (field !== "rings" && field !== "depot") assert.ok(titles.includes(field), field);
    }
  }
});
