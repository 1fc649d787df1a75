/** Tickets: what structured clone carries to another thread, and what is refused as one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, LAYOUT_VERSION } from "#src/memory/index.js";
import { attachByTicket, isTicket, ticketOf } from "#src/threads/index.js";

test("a ticket leads to the same memory", () => {
  const region = createRegion(2, 8);
  const other = attachByTicket(ticketOf(region));
  other.words[2_000] = 99;
  assert.equal(region.words[2_000], 99);
  assert.equal(other.memory, region.memory);
});

test("a ticket is posted whole", async () => {
  const region = createRegion(2, 8);
  const { port1, port2 } = new MessageChannel();
  const received = new Promise((resolve) => {
    port2.onmessage = ({ data }) => resolve(data);
  });
  port1.postMessage(ticketOf(region));
  const other = attachByTicket(await received);
  port1.close();
  region.words[2_000] = 7;
  assert.equal(other.words[2_000], 7);
});

test("what is no ticket is refused, and shown", () => {
  for (const value of [undefined, null, 5, "ticket", [], {}, { lookaside: "Ticket" }]) {
    assert.equal(isTicket(value), false);
    assert.throws(() => attachByTicket(value), { code: "ERR_TICKET", message: /is not a ticket$/ });
  }
});

test("a ticket of another layout is refused before its memory is looked at", () => {
  for (const version of [0, LAYOUT_VERSION + 1, "1", undefined]) {
    const ticket = { lookaside: "ticket", version, memory: "none" };
    assert.throws(() => attachByTicket(ticket), { code: "ERR_LAYOUT_VERSION" });
  }
});

test("a ticket without a memory of ours is refused", () => {
  const memories = [undefined, {}, new WebAssembly.Memory({ initial: 1 })];
  for (const memory of memories) {
    const ticket = { lookaside: "ticket", version: LAYOUT_VERSION, memory };
    assert.throws(() => attachByTicket(ticket), { code: "ERR_TICKET" });
  }
});
