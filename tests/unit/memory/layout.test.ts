/** The map of the memory: areas in the order of the drawing, none over another, all with room enough. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHUNK_BYTES, MEMORY_BYTES_MAX, POOL_BYTES_MAX, THREADS_MAX } from "#src/base/index.js";
import { CLASSES, HEADER, type Layout, layoutFor, POOL_KINDS } from "#src/memory/index.js";
import { repositoryRoot } from "../../support/repository.js";

const SHAPES: readonly [number, number][] = [
  [1, 2],
  [1, 33],
  [64, 1_280],
  [THREADS_MAX, 1_000],
  [2, (2 * POOL_BYTES_MAX) / CHUNK_BYTES / 2],
];

interface Area {
  readonly name: string;
  readonly from: number;
  readonly bytes: number;
}

/** Every area, first to last, as bytes. */
function areasOf(layout: Layout): Area[] {
  const { threadCapacity: threads, chunkCapacity: chunks } = layout;
  const words = (name: string, word: number, count: number): Area => ({
    name,
    from: word * 4,
    bytes: count * 4,
  });
  return [
    { name: "header", from: 4_096, bytes: 4_096 },
    words("threads", layout.threads, 256 * layout.threadWords),
    words("tags", layout.tags, 1_024 * 2),
    words("lists", layout.lists, 1_024),
    words("channels", layout.channels, 256),
    { name: "routines", from: layout.routinesByte, bytes: 1_024 * layout.routineBytes },
    words("tallies", layout.tallies, threads * layout.tallyWords),
    words("runs", layout.runs, chunks),
    words("class maps", layout.classMaps, POOL_KINDS * CLASSES * layout.classMapWords),
    words("claims", layout.claims, threads * layout.claimWords),
    words("slab maps", layout.slabMaps, chunks * layout.slabMapWords),
    words("shadow", layout.shadow, chunks * layout.shadowWords),
    { name: "data", from: layout.dataByte, bytes: chunks * CHUNK_BYTES },
  ];
}

test("no area overlaps the next, and the null page belongs to none", () => {
  for (const [threads, chunks] of SHAPES) {
    let end = 4_096;
    for (const area of areasOf(layoutFor(threads, chunks))) {
      assert.ok(area.from >= end, `${area.name} begins before ${end} with ${chunks} chunks`);
      assert.equal(area.from % 4, 0);
      end = area.from + area.bytes;
    }
    assert.equal(end, layoutFor(threads, chunks).endByte);
  }
});

test("a class map and a row of claims have a bit for each chunk, a shadow a word for each 16 bytes", () => {
  for (const [threads, chunks] of SHAPES) {
    const layout = layoutFor(threads, chunks);
    assert.ok(layout.classMapWords * 32 >= chunks);
    assert.ok(layout.claimWords * 32 >= chunks);
    assert.equal(layout.shadowWords * 16, CHUNK_BYTES);
    assert.equal(layout.dataByte % CHUNK_BYTES, 0);
  }
});

test("the words of the header lie in the header, each at a place of its own", () => {
  const widths: Partial<Record<keyof typeof HEADER, number>> = {
    SYSTEM_ID: 4,
    STOP_CODE: 5,
    CHUNK_LIMIT: 2,
    CHUNKS_USED: 2,
    CHUNKS_PEAK: 2,
    SET_HEADS: 8,
    TUNING: 7,
    RECOVERIES: 4,
    OBJECTS: 256,
    SIMULATION: 210,
  };
  const taken = new Map<number, string>();
  for (const [name, word] of Object.entries(HEADER)) {
    for (let at = word; at < word + (widths[name as keyof typeof HEADER] ?? 1); at++) {
      assert.equal(taken.get(at), undefined, `${name} lies on ${taken.get(at)}`);
      assert.ok(at * 4 >= 4_096 && at * 4 < 8_192, `${name} lies outside the header`);
      taken.set(at, name);
    }
  }
});

test("what several threads write does not share a line of 128 bytes with anything else", () => {
  const lines = (words: readonly number[]): Set<number> =>
    new Set(words.map((word) => (word * 4) >> 7));
  const contended = [HEADER.RUN_LOCK, HEADER.SET_LOCK, HEADER.ROUTINE_LOCK, HEADER.NEXT_VISIT];
  assert.equal(lines(contended).size, contended.length);
  assert.ok(!lines(contended).has((HEADER.MAGIC * 4) >> 7));
});

test("the numbers in the drawing are the numbers of the code", () => {
  const drawing = readFileSync(new URL("src/memory/layout.ts", repositoryRoot), "utf8")
    .split("\n")
    .slice(0, 30);
  const ruler = drawing.find((line) => line.includes("byte 0")) ?? "";
  const drawn = [...ruler.matchAll(/(\d+) KiB/g)].map(([, kib]) => Number(kib) * 1_024);
  const layout = layoutFor(64, 1_280);
  const built = areasOf(layout).slice(0, drawn.length);
  assert.ok(drawn.length >= 6);
  assert.deepEqual(
    drawn,
    built.map((area) => area.from),
  );
  const names = drawing
    .find((line) => line.includes("null page"))
    ?.match(/[a-z]+ ?[a-z]*(?= *\|)/g);
  assert.deepEqual(
    names?.map((name) => name.trim()).slice(1),
    built.map((area) => area.name),
  );
});

test("limits that 32-bit addresses cannot hold are refused with the bytes that they need", () => {
  const chunks = MEMORY_BYTES_MAX / CHUNK_BYTES;
  assert.throws(() => layoutFor(1, chunks), {
    code: "ERR_OPTION",
    message: /need \d+ bytes, and 32-bit addresses end at 4294967296$/,
  });
});
