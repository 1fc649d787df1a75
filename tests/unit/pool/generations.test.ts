/** No handle fits a block that was made later, whatever its memory was in between: SW-2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handle, System } from "lookaside";
import { HEADER } from "#src/memory/index.js";
import { firstGeneration, outliveGeneration } from "#src/pool/generations.js";

function words(generation: number): Int32Array<SharedArrayBuffer> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const all = new Int32Array(memory.buffer as unknown as SharedArrayBuffer);
  all[HEADER.GENERATION] = generation;
  return all;
}

test("what is made anew begins with the newest generation that went out of use", () => {
  for (const [before, gone, after] of [
    [0, 5, 5],
    [5, 3, 5],
    [5, 5, 5],
    [2 ** 20 - 1, 2, 2],
    [2, 2 ** 20 - 1, 2],
    [0, 2 ** 19 - 1, 2 ** 19 - 1],
    [0, 2 ** 19, 0],
  ] as const) {
    const memory = words(before);
    outliveGeneration(memory, gone);
    assert.equal(firstGeneration(memory), after, `${gone} after ${before}`);
  }
});

/** What a list's memory is between two lives of the list's blocks. */
const BETWEEN: readonly (readonly [string, number])[] = [
  ["blocks of another size, whose bills lie where the states were", 48],
  ["blocks of the same size", 64],
  ["larger blocks", 3_000],
  ["runs", 70_000],
];

for (const [what, bytes] of BETWEEN) {
  test(`a handle from before the memory was ${what} is stale for ever`, () => {
    const system = System.create({ nonPaged: "1 MiB", depth: { periodMs: 0 } });
    const list = system.blockList({ tag: "Genr", size: 64 });
    const old = new Set<Handle<"Genr">>();
    for (let life = 0; life < 4; life++) {
      const blocks = Array.from({ length: 300 }, () => list.allocateOrThrow());
      for (const { handle } of blocks) {
        assert.ok(!old.has(handle), `life ${life}: a handle came out twice`);
        old.add(handle);
      }
      for (const block of blocks) block.free();
      for (const handle of old)
        assert.throws(() => list.adopt(handle), { code: "ERR_STALE_HANDLE" });
      list.trim();
      system.trim();
      const others = Array.from({ length: bytes < 1_000 ? 300 : 10 }, () =>
        system.pool.allocate(0, bytes, 1, false, 0, 0, 0),
      );
      for (const address of others) if (address !== 0) system.pool.free(address, -1);
      system.trim();
    }
    assert.deepEqual(system.audit().problems, []);
    system.close();
  });
}
