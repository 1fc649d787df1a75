/** The map of the memory: every chunk has its place, and every block is counted in its cell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, chunksShown, gridOf, groupsOf, runAt } from "#src/monitor/page/memory-cells.js";
import type { MemoryFrame, RunNumbers } from "#src/monitor/page/wire.js";

const RUNS: readonly RunNumbers[] = [
  [0, 1, 0, 0, 64, 512, 256, 256],
  [2, 3, 1, 1, 196_608, 0, 1, 0],
  [6, 1, 0, 0, 64, 1_024, 0, 0],
];

function frame(
  runs: readonly RunNumbers[],
  chunksGrown: number,
  chunkCapacity: number,
): MemoryFrame {
  return { runs, chunksGrown, chunkCapacity, chunkBytes: 65_536 } as unknown as MemoryFrame;
}

test("all chunks have a cell within the width and fourteen rows, whatever the numbers", () => {
  for (const width of [1, 60, 328, 800, 1_400]) {
    for (const chunks of [0, 1, 64, 1_000, 16_384, 65_536]) {
      const { columns, rows, side, gap, chunksPerCell } = gridOf(width, chunks);
      const said = `${chunks} chunks in ${width}`;
      assert.ok(columns * rows * chunksPerCell >= chunks, said);
      assert.ok(rows <= 14, said);
      assert.ok(columns === 1 || columns * (side + gap) - gap <= width, said);
    }
  }
  assert.equal(gridOf(1_200, 300).chunksPerCell, 1);
});

test("a cell shows what is held, parked and free of its chunks", () => {
  const cells = cellsOf(frame(RUNS, 7, 100), 8, 1);
  const said = cells.map(({ held, parked, free }) => [held, parked, free]);
  assert.deepEqual(said.slice(0, 4), [
    [0.25, 0.25, 0.5],
    [0, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  assert.deepEqual(
    cells.map(({ paged }) => paged),
    [0, 0, 1, 1, 1, 0, 0, 0],
  );
  const goesOn = [false, false, true, true, false, false, false, false];
  assert.deepEqual(
    cells.map((cell) => cell.goesOn),
    goesOn,
  );
  assert.deepEqual([cells[6]?.grown, cells[7]?.grown], [true, false]);
});

test("a cell of several chunks is the mean of them", () => {
  const [first, second] = cellsOf(frame(RUNS, 7, 100), 8, 4);
  assert.deepEqual([first?.held, first?.parked, first?.paged], [0.0625 + 0.5, 0.0625, 0.5]);
  assert.deepEqual([second?.held, second?.free, second?.paged], [0.25, 0.25, 0.25]);
});

test("the map shows what the memory has grown to, and a little more of a small one", () => {
  assert.equal(chunksShown(frame([], 5, 1_000)), 64);
  assert.equal(chunksShown(frame([], 500, 1_000)), 500);
  assert.equal(chunksShown(frame([], 5, 10)), 10);
});

test("the run at a chunk is found by its address", () => {
  const found = [0, 1, 2, 4, 5, 6, 7].map((chunk) => runAt(RUNS, chunk)?.[0] ?? null);
  assert.deepEqual(found, [0, null, 2, 2, null, 6, null]);
  assert.equal(runAt([], 0), null);
});

test("the table takes slabs of one size and pool together, most memory first", () => {
  const [large, small, ...none] = groupsOf(RUNS);
  assert.deepEqual(none, []);
  assert.deepEqual([large?.kind, large?.pool, large?.chunks, large?.held], ["run", "paged", 3, 1]);
  const { runs, chunks, free, held, parked } = small ?? {};
  assert.deepEqual([runs, chunks, free, held, parked], [2, 2, 1_536, 256, 256]);
});
