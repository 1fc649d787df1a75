/** The audit finds what it says it finds: each kind of damage, made by hand, is a problem. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import { Pool, stateIndex } from "#src/pool/index.js";
import { auditPool } from "./pool-audit.js";

/** A pool with some blocks of both kinds, and one of them. */
function newPool(): { region: Region; pool: Pool; block: number } {
  const region = createRegion(2, 64);
  region.words[HEADER.CHUNK_LIMIT] = 32;
  region.words[HEADER.CHUNK_LIMIT + 1] = 32;
  const pool = new Pool(region, 1);
  const blocks = [100, 5_000, 200_000].flatMap((bytes) =>
    [0, 1].map((kind) => pool.allocate(kind, bytes, 0x47_4154, false, 0, 0, 0)),
  );
  return { region, pool, block: blocks[0] as number };
}

test("a pool in use has no problem, and its blocks are found", () => {
  const { region, block } = newPool();
  const { problems, blocks, chunks } = auditPool(region);
  assert.deepEqual(problems, []);
  assert.deepEqual(chunks, [6, 6]);
  assert.equal(blocks.length, 6);
  assert.ok(blocks.some(({ address, bytes }) => address === block && bytes === 100));
});

const DAMAGES: Record<string, (region: Region, block: number) => void> = {
  "a state that is none": (region, block) => {
    region.words[stateIndex(region, block)] = 0x1234;
  },
  "a state where no block starts": (region, block) => {
    region.words[stateIndex(region, block) + 2] = -5;
  },
  "a free block of another slot": (region, block) => {
    region.words[stateIndex(region, block)] = (0x9 << 28) | (90 << 20);
  },
  "a held block that nobody counts": (region, block) => {
    region.words[stateIndex(region, block + 112)] = region.words[
      stateIndex(region, block)
    ] as number;
  },
  "a bill under another tag": (region, block) => {
    region.words[stateIndex(region, block) + 1] = 12;
  },
  "a charge that no block has": (region) => {
    region.words[region.layout.threads + region.layout.threadWords + 16] = 8;
  },
  "a count of chunks that is wrong": (region) => {
    region.words[HEADER.CHUNKS_USED] = 5;
  },
  "a chunk that belongs to nothing": (region) => {
    region.words[region.layout.runs + 40] = 0x3000_0001;
  },
  "a bit beyond the last block": (region) => {
    region.words[region.layout.slabMaps + 60] = 1;
  },
  "free blocks that no class map shows": (region) => {
    region.words.fill(0, region.layout.classMaps, region.layout.slabMaps);
  },
  "a lock that is held": (region) => {
    region.words[HEADER.RUN_LOCK] = 1;
  },
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`${name} is a problem`, () => {
    const { region, block } = newPool();
    damage(region, block);
    assert.notDeepEqual(auditPool(region).problems, []);
  });
}
