/**
 * A host that tells a thread late of what another one has grown is asked, before a byte is taken for
 * missing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion } from "#src/memory/index.js";

test("memory that another thread has grown is there, although this one was not told yet", () => {
  const region = createRegion(2, 64);
  const { memory } = region;
  const known = memory.buffer;
  const real = WebAssembly.Memory.prototype;
  const lengthNow = Object.getOwnPropertyDescriptor(real, "buffer")?.get;
  let told = false;
  Object.defineProperties(memory, {
    buffer: { get: () => (told ? lengthNow?.call(memory) : known) },
    grow: {
      value: (chunks: number) => {
        told = true;
        return real.grow.call(memory, chunks);
      },
    },
  });
  real.grow.call(memory, 2); // as another thread does
  const end = known.byteLength + 2 * 65_536;
  assert.equal(memory.buffer, known);
  assert.equal(region.cover(end), true);
  assert.equal(region.bytes.length, end);
  assert.equal(region.cover(end + 1), false, "what nobody has grown is not there");
});
