/** Regions: made once, grown on demand, attached to only when they hold a system of this layout. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES, THREADS_MAX } from "#src/base/index.js";
import {
  attachRegion,
  createRegion,
  HEADER,
  LAYOUT_VERSION,
  layoutFor,
  MAGIC,
  type Region,
} from "#src/memory/index.js";

/** A copy of a region's memory with some header words changed, or cut to a number of chunks. */
function forged(
  region: Region,
  changes: Partial<Record<keyof typeof HEADER, number>>,
  chunks = region.bytes.length / CHUNK_BYTES,
): WebAssembly.Memory {
  const maximum = Math.max(chunks, 1);
  const memory = new WebAssembly.Memory({ initial: chunks, maximum, shared: true });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(region.bytes.subarray(0, bytes.length));
  const words = new Int32Array(memory.buffer);
  for (const [name, value] of Object.entries(changes)) {
    words[HEADER[name as keyof typeof HEADER]] = value;
  }
  return memory;
}

test("a new region has all of its bookkeeping and none of its data", () => {
  const region = createRegion(2, 100);
  assert.equal(region.bytes.length, region.layout.dataByte);
  assert.equal(region.words.length, region.layout.dataByte / 4);
  assert.ok(region.bytes.subarray(8_192).every((byte) => byte === 0));
});

test("the header says what an attaching thread compares", () => {
  const { words } = createRegion(3, 50);
  const { MAGIC: magic, VERSION, THREADS, CHUNKS } = HEADER;
  const said = [words[magic], words[VERSION], words[THREADS], words[CHUNKS]];
  assert.deepEqual(said, [MAGIC, LAYOUT_VERSION, 3, 50]);
  const text = String.fromCharCode(...new Uint8Array(words.buffer, HEADER.MAGIC * 4, 4));
  assert.equal(text, "look");
});

test("growth reaches what is asked for, keeps what was written, and old views stay valid", () => {
  const region = createRegion(1, 200);
  const { dataByte } = region.layout;
  const old = region.bytes;
  assert.equal(region.cover(dataByte + 1), false);
  assert.equal(region.grow(dataByte + 70_000), true);
  assert.ok(region.bytes.length >= dataByte + 70_000);
  assert.equal(region.words.length * 4, region.bytes.length);
  old[8_200] = 77;
  assert.equal(region.bytes[8_200], 77);
});

test("growth takes more than is asked for, and never more than the limit", () => {
  const region = createRegion(1, 64);
  const { dataByte, endByte } = region.layout;
  assert.equal(region.grow(dataByte + 1), true);
  assert.equal(region.bytes.length, dataByte + 16 * CHUNK_BYTES);
  assert.equal(region.grow(endByte), true);
  assert.equal(region.memory.buffer.byteLength, endByte);
  assert.equal(region.grow(endByte + 1), false);
  assert.equal(region.memory.buffer.byteLength, endByte);
});

test("a host that has no more memory is asked for the least that would do, then it is no", () => {
  const region = createRegion(1, 64);
  const asked: number[] = [];
  const grow = (chunks: number): number => {
    asked.push(chunks);
    throw new RangeError("the host has no more");
  };
  Object.defineProperty(region, "memory", { value: { buffer: region.memory.buffer, grow } });
  assert.equal(region.grow(region.layout.dataByte + 3 * CHUNK_BYTES), false);
  assert.deepEqual(asked, [16, 3]);
});

test("a second view sees what the first wrote, also in memory that grew since it attached", () => {
  const region = createRegion(1, 64);
  const second = attachRegion(region.memory);
  assert.deepEqual(second.layout, region.layout);
  const address = region.layout.dataByte + 4 * CHUNK_BYTES;
  region.grow(address + 4);
  region.words[address / 4] = 12_345;
  assert.equal(second.words[address / 4], undefined);
  assert.equal(second.cover(address + 4), true);
  assert.equal(second.words[address / 4], 12_345);
});

test("what is no shared memory is no ticket's memory", () => {
  const unshared = new WebAssembly.Memory({ initial: 1 });
  for (const value of [unshared, undefined, null, 7, "memory", {}, new SharedArrayBuffer(65_536)]) {
    assert.throws(() => attachRegion(value), {
      code: "ERR_TICKET",
      message: /no shared WebAssembly/,
    });
  }
});

test("a memory without the magic, or without a byte, holds no system", () => {
  const region = createRegion(1, 8);
  for (const memory of [
    forged(region, { MAGIC: 0 }),
    forged(region, { MAGIC: MAGIC + 1 }),
    forged(region, {}, 0),
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
  ]) {
    assert.throws(() => attachRegion(memory), { code: "ERR_TICKET", message: /holds no/ });
  }
});

test("another layout version is told with both numbers", () => {
  const memory = forged(createRegion(1, 8), { VERSION: LAYOUT_VERSION + 1 });
  const message = `Cannot attach to layout version ${LAYOUT_VERSION + 1}: this library has ${LAYOUT_VERSION}`;
  assert.throws(() => attachRegion(memory), { code: "ERR_LAYOUT_VERSION", message });
});

test("a header with sizes that no system can have is damaged", () => {
  const region = createRegion(1, 8);
  const wrong = [0, -1, 0x7fff_ffff, -0x8000_0000];
  const changes = [
    ...[...wrong, THREADS_MAX + 1].map((THREADS) => ({ THREADS })),
    ...[...wrong, 65_536, 65_537].map((CHUNKS) => ({ CHUNKS })),
  ];
  for (const change of changes) {
    const refusal = { code: "ERR_TICKET", message: /header of the memory is damaged/ };
    assert.throws(() => attachRegion(forged(region, change)), refusal, JSON.stringify(change));
  }
});

test("a memory that is smaller than its header says is refused, by one chunk already", () => {
  const region = createRegion(1, 8);
  const chunks = region.layout.dataByte / CHUNK_BYTES;
  attachRegion(forged(region, {}, chunks));
  for (const memory of [forged(region, {}, chunks - 1), forged(region, { CHUNKS: 3_000 })]) {
    assert.throws(() => attachRegion(memory), { code: "ERR_TICKET", message: /smaller than/ });
  }
});

test("limits that do not fit are refused before any memory is made", () => {
  assert.throws(() => createRegion(1, 65_536), { code: "ERR_OPTION" });
  assert.equal(layoutFor(1, 8).threadCapacity, 1);
});

test("a host that has no room is told from one that has no shared memory at all", (t) => {
  const { Memory } = WebAssembly;
  t.after(() => {
    WebAssembly.Memory = Memory;
    Reflect.deleteProperty(globalThis, "crossOriginIsolated");
  });
  const refuse = (most: number): void => {
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if ((descriptor.maximum ?? 0) > most) throw new RangeError("refused");
        super(descriptor);
      }
    };
  };
  refuse(1);
  assert.throws(() => createRegion(1, 64), { code: "ERR_MEMORY", message: /refused/ });
  refuse(0);
  assert.throws(() => createRegion(1, 64), { code: "ERR_NO_SHARED_MEMORY" });
  Object.defineProperty(globalThis, "crossOriginIsolated", { value: false, configurable: true });
  const plain = { code: "ERR_NO_SHARED_MEMORY", message: /not cross-origin isolated/ };
  assert.throws(() => createRegion(1, 64), plain);
});
