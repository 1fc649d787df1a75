/** Reports: what `!lookaside`, `!poolused` and poolmon say, and the arithmetic of published samples. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  boot,
  EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeleteNPagedLookasideList,
  ExFlushLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  hitRate,
  NonPagedPool,
  NonPagedPoolNx,
  NULL,
  PagedPool,
  poolUsage,
  queryLookaside,
  reportLookaside,
  reportPoolmon,
  reportPoolUsed,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  setLookasideDepth,
  shutdown,
  tag,
  typeNames,
} from "lookaside/wdk";

const STORAGE = tag("Stor");

function booted(t: TestContext): void {
  boot();
  t.after(shutdown);
}

function storage(): number {
  return ExAllocatePoolWithTag(NonPagedPool, SIZEOF_NPAGED_LOOKASIDE_LIST, STORAGE);
}

function hexOf(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}

/** Lives through the documented sample: 272492 allocates, 272488 frees, 8 misses, and one trim. */
function documentedSample(): number {
  const list = storage();
  const raise = EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL;
  ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, raise, 496, tag("Usbs"), 0);
  const held: number[] = [];
  const allocate = (): void => void held.push(ExAllocateFromLookasideListEx(list));
  const free = (): void => ExFreeToLookasideListEx(list, held.pop() as number);
  for (let entry = 0; entry < 4; entry++) allocate();
  for (let entry = 0; entry < 4; entry++) free();
  ExFlushLookasideListEx(list); // what the sample must have seen as well: section 9 does not hold without
  for (let entry = 0; entry < 4; entry++) allocate();
  for (let pair = 0; pair < 272_484; pair++) {
    free();
    allocate();
  }
  return list;
}

/** Lives through the sample of Windows 2000: 73 allocates, 51 frees, 24 misses. */
function sampleOfWindows2000(): number {
  const list = storage();
  ExInitializeNPagedLookasideList(list, NULL, NULL, 0, 48, tag("Ntfi"), 0);
  const held: number[] = [];
  const allocate = (): void => void held.push(ExAllocateFromNPagedLookasideList(list));
  const free = (): void => ExFreeToNPagedLookasideList(list, held.pop() as number);
  for (let entry = 0; entry < 24; entry++) allocate();
  for (let entry = 0; entry < 2; entry++) free();
  for (let pair = 0; pair < 49; pair++) {
    allocate();
    free();
  }
  return list;
}

test("!lookaside of the documented sample: 0 of 4 parked, 1984 bytes at most, 99 % and 100 % hits", (t) => {
  booted(t);
  const list = documentedSample();
  assert.deepEqual(reportLookaside(list).split("\n"), [
    `Lookaside "Ex list" @ 0x${hexOf(list)}  Tag(hex): 0x73627355 "Usbs"`,
    "  Type             = 0011 PagedPool RaiseIfAllocationFailure",
    "  Current Depth    = 0            Max Depth      = 4",
    "  Size             = 496          Max Alloc      = 1984",
    "  AllocateMisses   = 8            FreeMisses     = 0",
    "  TotalAllocates   = 272492       TotalFrees     = 272488",
    "  Hit Rate         = 99%          Hit Rate       = 100%",
  ]);
});

test("!lookaside of the Windows 2000 sample: 2 of 4 parked, 192 bytes at most, 67 % and 100 % hits", (t) => {
  booted(t);
  const list = sampleOfWindows2000();
  assert.deepEqual(reportLookaside(list).split("\n"), [
    `Lookaside "NPaged list" @ 0x${hexOf(list)}  Tag(hex): 0x6966744E "Ntfi"`,
    "  Type             = 0000 NonPagedPool",
    "  Current Depth    = 2            Max Depth      = 4",
    "  Size             = 48           Max Alloc      = 192",
    "  AllocateMisses   = 24           FreeMisses     = 0",
    "  TotalAllocates   = 73           TotalFrees     = 51",
    "  Hit Rate         = 67%          Hit Rate       = 100%",
  ]);
});

test("both samples obey the conservation law: parked is free hits less allocate hits less trimmed", (t) => {
  booted(t);
  for (const [list, trimmed] of [
    [documentedSample(), 4],
    [sampleOfWindows2000(), 0],
  ] as const) {
    const seen = queryLookaside(list);
    const freeHits = seen.TotalFrees - seen.FreeMisses;
    const allocateHits = seen.TotalAllocates - seen.AllocateMisses;
    assert.equal(seen.CurrentDepth, freeHits - allocateHits - trimmed);
  }
});

test("Max Depth is the present limit and not its ceiling, and Max Alloc follows it", (t) => {
  booted(t);
  const list = sampleOfWindows2000();
  setLookasideDepth(list, 30);
  const report = reportLookaside(list);
  assert.match(report, /Max Depth += 30\n/);
  assert.match(report, /Max Alloc += 1440\n/);
});

test("without an address !lookaside shows every list in use, in the order of the set", (t) => {
  booted(t);
  assert.equal(reportLookaside(), "No lookaside lists are in use");
  const [nonpaged, paged, late] = [storage(), storage(), storage()] as const;
  ExInitializePagedLookasideList(paged, NULL, NULL, 512, 100, tag("Pagd"), 0);
  ExInitializeNPagedLookasideList(nonpaged, NULL, NULL, 0, 48, tag("Nonp"), 0);
  ExInitializeLookasideListEx(late, NULL, NULL, NonPagedPoolNx, 0, 48, tag("Late"), 0);
  const titles = (): string[] => reportLookaside().match(/^Lookaside .*$/gm) ?? [];
  assert.deepEqual(titles(), [
    `Lookaside "NPaged list" @ 0x${hexOf(nonpaged)}  Tag(hex): 0x706E6F4E "Nonp"`,
    `Lookaside "Ex list" @ 0x${hexOf(late)}  Tag(hex): 0x6574614C "Late"`,
    `Lookaside "Paged list" @ 0x${hexOf(paged)}  Tag(hex): 0x64676150 "Pagd"`,
  ]);
  assert.equal(reportLookaside().split("\n\n").length, 3);
  ExDeleteNPagedLookasideList(nonpaged);
  assert.equal(titles().length, 2);
});

test("a type shows as its base pool and then its flags", () => {
  const names: readonly (readonly [number, string])[] = [
    [0, "NonPagedPool"],
    [1, "PagedPool"],
    [5, "PagedPoolCacheAligned"],
    [8, "NonPagedPool QuotaFailInsteadOfRaise"],
    [0x11, "PagedPool RaiseIfAllocationFailure"],
    [33, "PagedPoolSession"],
    [512, "NonPagedPoolNx"],
    [528, "NonPagedPoolNx RaiseIfAllocationFailure"],
    [513, "PagedPool Nx"],
    [0x119, "PagedPool QuotaFailInsteadOfRaise RaiseIfAllocationFailure Cold"],
  ];
  for (const [type, text] of names) assert.equal(typeNames(type), text);
});

test("a hit rate is whole percent, cut and not rounded, and 0 for a total of zero", () => {
  const rates: readonly (readonly [number, number, number])[] = [
    [272_492, 8, 99],
    [272_488, 0, 100],
    [73, 24, 67],
    [51, 0, 100],
    [1_000, 1, 99],
    [3, 1, 66],
    [5, 5, 0],
    [0, 0, 0],
  ];
  for (const [total, misses, rate] of rates) assert.equal(hitRate(total, misses), rate);
  assert.equal(hitRate(1, 2), 0); // counters read in between may be ahead of each other
});

/** The cells of a line. */
function cells(line: string | undefined): string[] {
  return line?.trim().split(/ +(?!\()/) ?? [];
}

/** The line of a report that begins with a tag, and with the second cell given. */
function lineOf(report: string, text: string, second = ""): string | undefined {
  const lines = report.split("\n").filter((line) => line.startsWith(text));
  return lines.find((line) => second === "" || cells(line)[1] === second);
}

test("!poolused shows blocks and bytes held of each pool under each tag, and the totals", (t) => {
  booted(t);
  const freed = ExAllocatePoolWithTag(NonPagedPool, 500, tag("Aaaa"));
  ExAllocatePoolWithTag(NonPagedPool, 100, tag("Aaaa"));
  ExAllocatePoolWithTag(NonPagedPool, 50, tag("Aaaa"));
  ExAllocatePoolWithTag(PagedPool, 7, tag("Aaaa"));
  ExAllocatePoolWithTag(PagedPool, 3_000, tag("Bb"));
  ExFreePool(freed);
  const report = reportPoolUsed();
  const [head, columns] = report.split("\n");
  assert.deepEqual(cells(head), ["NonPaged", "Paged"]);
  assert.deepEqual(cells(columns), ["Tag", "Allocs", "Used", "Allocs", "Used"]);
  assert.deepEqual(cells(lineOf(report, "Aaaa")), ["Aaaa", "2", "150", "1", "7"]);
  assert.deepEqual(cells(lineOf(report, "Bb ")), ["Bb", "0", "0", "1", "3000"]);
  assert.deepEqual(cells(lineOf(report, "TOTAL")), ["TOTAL", "2", "150", "2", "3007"]);
});

test("the columns of poolmon: Diff is Allocs less Frees, Per Alloc is Bytes by Diff", (t) => {
  booted(t);
  const blocks = [100, 100, 101].map((bytes) =>
    ExAllocatePoolWithTag(NonPagedPool, bytes, tag("Aaaa")),
  );
  ExFreePool(blocks[0] as number);
  ExFreePool(ExAllocatePoolWithTag(PagedPool, 64, tag("Aaaa")));
  const report = reportPoolmon();
  assert.deepEqual(cells(report.split("\n")[0]), [
    "Tag",
    "Type",
    "Allocs",
    "Frees",
    "Diff",
    "Bytes",
    "Per",
    "Alloc",
  ]);
  const nonpaged = ["Aaaa", "Nonp", "3 (0)", "1 (0)", "2", "201 (0)", "100"];
  assert.deepEqual(cells(lineOf(report, "Aaaa", "Nonp")), nonpaged);
  const paged = ["Aaaa", "Paged", "1 (0)", "1 (0)", "0", "0 (0)", "0"];
  assert.deepEqual(cells(lineOf(report, "Aaaa", "Paged")), paged);
});

test("poolmon has a row only for a tag and pool that was used", (t) => {
  booted(t);
  ExAllocatePoolWithTag(PagedPool, 64, tag("Aaaa"));
  assert.equal(lineOf(reportPoolmon(), "Aaaa", "Nonp"), undefined);
  assert.notEqual(lineOf(reportPoolmon(), "Aaaa", "Paged"), undefined);
});

test("poolmon shows in parentheses what changed since an earlier report", (t) => {
  booted(t);
  const block = ExAllocatePoolWithTag(NonPagedPool, 300, tag("Aaaa"));
  const before = poolUsage();
  ExFreePool(block);
  ExAllocatePoolWithTag(NonPagedPool, 100, tag("Aaaa"));
  ExAllocatePoolWithTag(NonPagedPool, 100, tag("Aaaa"));
  const changed = ["Aaaa", "Nonp", "3 (2)", "1 (1)", "2", "200 (-100)", "100"];
  assert.deepEqual(cells(lineOf(reportPoolmon(before), "Aaaa", "Nonp")), changed);
});

test("what is new since the earlier report has changed from nothing", (t) => {
  booted(t);
  const before = poolUsage();
  ExAllocatePoolWithTag(NonPagedPool, 100, tag("Newt"));
  const fresh = ["Newt", "Nonp", "1 (1)", "0 (0)", "1", "100 (100)", "100"];
  assert.deepEqual(cells(lineOf(reportPoolmon(before), "Newt", "Nonp")), fresh);
});
