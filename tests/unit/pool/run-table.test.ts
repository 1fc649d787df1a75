/** The run table: chunks side by side, lowest first, within limits, given back whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES } from "#src/base/index.js";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import {
  BODY,
  chunkByte,
  entryAt,
  payloadOf,
  poolKindOf,
  publishChunks,
  RUN,
  releaseChunks,
  reserveChunks,
  runEntry,
  SLAB,
  typeOf,
  UNUSED,
} from "#src/pool/run-table.js";
import { surveyRuns } from "#src/pool/survey.js";

function newRegion(nonpaged: number, paged: number, chunks = nonpaged + paged): Region {
  const region = createRegion(1, chunks);
  region.words[HEADER.CHUNK_LIMIT] = nonpaged;
  region.words[HEADER.CHUNK_LIMIT + 1] = paged;
  return region;
}

function take(region: Region, kind: number, count: number): number {
  const first = reserveChunks(region, kind, count);
  if (first >= 0) publishChunks(region, first, count, runEntry(RUN, kind, count));
  return first;
}

test("an entry keeps type, pool and payload", () => {
  for (const type of [SLAB, RUN, BODY]) {
    for (const kind of [0, 1]) {
      for (const payload of [0, 95, 65_535]) {
        const entry = runEntry(type, kind, payload);
        assert.deepEqual(
          [typeOf(entry), poolKindOf(entry), payloadOf(entry)],
          [type, kind, payload],
        );
      }
    }
  }
});

test("chunks are taken lowest first, and a hole is used by what fits it", () => {
  const region = newRegion(20, 20);
  assert.deepEqual(
    [3, 2, 4].map((count) => take(region, 0, count)),
    [0, 3, 5],
  );
  releaseChunks(region, 0, 3, 2);
  assert.equal(take(region, 0, 3), 9);
  assert.equal(take(region, 1, 2), 20);
  assert.equal(take(region, 0, 1), 3);
});

test("each further chunk says how far back the first one is", () => {
  const region = newRegion(20, 20);
  take(region, 1, 4);
  const entries = [20, 21, 22, 23, 24].map((chunk) => entryAt(region, chunk));
  assert.deepEqual(entries.map(typeOf), [RUN, BODY, BODY, BODY, UNUSED]);
  assert.deepEqual(entries.slice(0, 4).map(payloadOf), [4, 1, 2, 3]);
  assert.deepEqual(entries.slice(0, 4).map(poolKindOf), [1, 1, 1, 1]);
});

test("reserved chunks stay unused until they are published, but are counted", () => {
  const region = newRegion(20, 20);
  assert.equal(reserveChunks(region, 0, 2), 0);
  assert.equal(entryAt(region, 0), UNUSED);
  assert.equal(region.words[HEADER.CHUNKS_USED], 2);
});

test("each pool has its own limit and its own peak", () => {
  const region = newRegion(4, 2);
  assert.equal(take(region, 1, 3), -1);
  assert.equal(take(region, 1, 2), 4);
  assert.equal(take(region, 1, 1), -1);
  assert.equal(take(region, 0, 4), 0);
  releaseChunks(region, 0, 0, 4);
  assert.equal(take(region, 0, 3), 0);
  const { CHUNKS_USED, CHUNKS_PEAK } = HEADER;
  assert.deepEqual([...region.words.subarray(CHUNKS_USED, CHUNKS_USED + 2)], [3, 2]);
  assert.deepEqual([...region.words.subarray(CHUNKS_PEAK, CHUNKS_PEAK + 2)], [4, 2]);
});

test("without enough chunks side by side there is no run, whatever the limit says", () => {
  const region = newRegion(6, 6);
  const runs = Array.from({ length: 6 }, () => take(region, 0, 1));
  for (const chunk of runs.filter((one) => one % 2 === 0)) releaseChunks(region, 0, chunk, 1);
  assert.equal(take(region, 0, 2), -1);
  assert.equal(region.words[HEADER.CHUNKS_USED], 3);
  assert.equal(take(region, 0, 1), 0);
});

test("what one pool does takes no chunk of the other, and cuts its place in no pieces", () => {
  const region = newRegion(32, 32);
  const taken = Array.from({ length: 64 }, (_, at) => take(region, at & 1, 1));
  for (let at = 0; at < 64; at += 2) releaseChunks(region, 0, taken[at] as number, 1);
  assert.equal(take(region, 0, 32), 0);
  for (let at = 1; at < 64; at += 2) releaseChunks(region, 1, taken[at] as number, 1);
  assert.equal(take(region, 1, 32), 32);
});

test("the largest unused piece ends where the other pool begins", () => {
  const region = newRegion(8, 8);
  take(region, 0, 5);
  const { unused, largestUnused } = surveyRuns(region);
  assert.deepEqual([unused, largestUnused], [11, 8]);
});

test("nonpaged pool grows the memory no further than it must; paged pool lies behind it", () => {
  const region = newRegion(600, 600);
  take(region, 0, 10);
  assert.ok(region.bytes.length < chunkByte(region, 100));
  const first = take(region, 1, 1);
  assert.equal(first, 600);
  assert.ok(region.bytes.length >= chunkByte(region, 601));
  assert.ok(region.bytes.length < chunkByte(region, 700));
});

test("the memory grows with the chunks, and no further than it must", () => {
  const region = newRegion(600, 600);
  const first = take(region, 0, 500);
  assert.ok(region.bytes.length >= chunkByte(region, first + 500));
  assert.ok(region.bytes.length < chunkByte(region, first + 600));
  assert.equal(chunkByte(region, 1) - chunkByte(region, 0), CHUNK_BYTES);
});
