/**
 * Tickets that nobody should have sent: values that are none, memories that are none of ours, cut short, of
 * another version, and made up. Each is refused with a LookasideError, or leads to a system that is whole.
 *
 * Whoever can write into the memory of a system can do whatever it likes with it, so what a system does whose
 * header was overwritten is not promised; that a call comes to an end, by a value or an error of ours, is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODES, LookasideError, System } from "lookaside";
import { boot, isBooted, shutdown } from "lookaside/wdk";
import { HEADER, LAYOUT_VERSION, MAGIC } from "#src/memory/index.js";
import { seeded } from "../support/seed.js";
import { HostileError, wrongType } from "./values.js";

const LONG = process.env["LOOKASIDE_LONG"] === "1";
const SMALL = { nonPaged: "1 MiB", paged: "64 KiB", threads: 4, depth: { periodMs: 0 } } as const;
const CHUNK = 65_536;
const random = seeded(import.meta.url);

function memoryOf(pages: number, maximum = pages): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum, shared: true });
}

function wordsOf(memory: WebAssembly.Memory): Int32Array {
  return new Int32Array(memory.buffer);
}

function ticketOf(memory: unknown, version: unknown = LAYOUT_VERSION): never {
  return { lookaside: "ticket", version, memory } as never;
}

/** A memory with the same bytes, of which nobody else knows. */
function copyOf(
  memory: WebAssembly.Memory,
  pages = memory.buffer.byteLength / CHUNK,
): WebAssembly.Memory {
  const copy = memoryOf(pages, Math.max(pages, 64));
  const bytes = new Uint8Array(memory.buffer);
  new Uint8Array(copy.buffer).set(bytes.subarray(0, copy.buffer.byteLength));
  return copy;
}

/** Both doors refuse a ticket, and neither is left half open. */
function demandRefused(ticket: unknown, code: RegExp): void {
  const refused = (error: unknown): boolean =>
    error instanceof LookasideError && code.test(error.code);
  assert.throws(() => System.attach(ticket as never), refused);
  assert.throws(() => boot(ticket as never), refused);
  assert.equal(isBooted(), false);
}

test("what is no ticket is refused by both doors", () => {
  const spring = (): never => {
    throw new HostileError("a ticket was asked for something");
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const crafted = [
    new Proxy({}, { get: spring }),
    new Proxy(
      { lookaside: "ticket" },
      { get: (_, name) => (name === "lookaside" ? "ticket" : spring()) },
    ),
    {
      lookaside: "ticket",
      version: LAYOUT_VERSION,
      get memory() {
        return spring();
      },
    },
    Object.create({ lookaside: "ticket", version: LAYOUT_VERSION }) as object,
    revoked.proxy,
  ];
  for (const ticket of crafted) {
    assert.throws(() => System.attach(ticket as never), { code: "ERR_TICKET" });
  }
  for (let round = 0; round < 100; round++) {
    const value = wrongType(random);
    if (value === undefined) continue; // boot() without a ticket makes a system
    assert.throws(() => System.attach(value as never), { code: "ERR_TICKET" });
    demandRefused(ticketOf(value), /^ERR_TICKET$/);
  }
});

test("a ticket of another version of the layout is refused, by its own word and by its memory's", () => {
  const system = System.create(SMALL);
  for (const version of [LAYOUT_VERSION - 1, LAYOUT_VERSION + 1, 0, -1, "1", null, Number.NaN]) {
    demandRefused(ticketOf(system.memory, version), /^ERR_LAYOUT_VERSION$/);
  }
  const memory = copyOf(system.memory);
  wordsOf(memory)[HEADER.VERSION] = LAYOUT_VERSION + 1;
  demandRefused(ticketOf(memory), /^ERR_LAYOUT_VERSION$/);
  system.detach();
});

test("a memory that is cut short is refused at any length, unless nothing of it is missing", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Cut ", size: 1_024 });
  const blocks = Array.from({ length: 400 }, () => list.allocate() ?? assert.fail("no room"));
  const whole = system.memory.buffer.byteLength / CHUNK;
  const last = Math.max(...blocks.map(({ address }) => address));
  const used = Math.ceil((last + 1) / CHUNK);
  assert.ok(used < whole, "some of the memory is not used yet");
  for (let pages = 0; pages < used; pages++)
    demandRefused(ticketOf(copyOf(system.memory, pages)), /^ERR_TICKET$/);
  for (let pages = used; pages <= whole; pages++) {
    const other = System.attach(ticketOf(copyOf(system.memory, pages)));
    assert.deepEqual(other.audit().problems, []);
    assert.equal(other.blockList({ tag: "Cut ", size: 1_024 }).statistics().held, 400);
    other.detach();
  }
  system.detach();
});

test("memories of anything else are refused, however much they look like ours", () => {
  const rounds = LONG ? 20_000 : 300;
  const memory = memoryOf(2);
  const words = wordsOf(memory);
  for (let round = 0; round < rounds; round++) {
    for (let word = 0; word < HEADER.CHUNKS + 8; word++) words[word] = random.next();
    if (random.int(2) === 0) words[HEADER.MAGIC] = MAGIC;
    if (random.int(2) === 0) words[HEADER.VERSION] = LAYOUT_VERSION;
    words[HEADER.THREADS] = random.pick([0, -1, 1, 256, 2 ** 31 - 1, random.int(255)]);
    words[HEADER.CHUNKS] = random.pick([0, -1, 65_537, 65_536, random.int(65_536)]);
    demandRefused(ticketOf(memory), /^ERR_(?:TICKET|LAYOUT_VERSION)$/);
  }
});

test("a ticket of another system leads there, and only there", () => {
  const [system, other] = [System.create(SMALL), System.create(SMALL)];
  const guest = System.attach(other.ticket());
  const handle = guest.blockList({ tag: "Othr", size: 64 }).allocate()?.handle ?? -1;
  assert.deepEqual([system.threads, other.threads], [1, 2]);
  const list = system.blockList({ tag: "Othr", size: 64 });
  assert.equal(list.statistics().held, 0);
  assert.equal(other.blockList({ tag: "Othr", size: 64 }).statistics().held, 1);
  assert.throws(() => list.adopt(handle as never), { code: "ERR_STALE_HANDLE" });
  guest.detach();
  for (const one of [system, other]) {
    assert.deepEqual(one.audit().problems, []);
    one.detach();
  }
});

const LOCKS: readonly number[] = [
  HEADER.RUN_LOCK,
  HEADER.SET_LOCK,
  HEADER.ROUTINE_LOCK,
  HEADER.BUDGET_LOCK,
];

/** Some work of every part, each call judged by itself. */
function work(system: System): void {
  const calls: (() => unknown)[] = [
    () => system.blockList({ tag: "Work", size: 100 }).allocate()?.free(),
    () => system.channel({ name: "work", capacity: 4 }).push(1),
    () => system.channel({ name: "work", capacity: 4 }).pop(),
    () => system.tick(1),
    () => system.audit(),
    () => system.threads,
    () => system.detach(),
  ];
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      if (error instanceof LookasideError && error.code in ERROR_CODES) continue;
      throw error;
    }
  }
}

test("a ticket whose memory somebody wrote into is refused, or its calls end in errors of ours", () => {
  const system = System.create(SMALL);
  system.blockList({ tag: "Real", size: 64 }).allocate();
  const rounds = LONG ? 3_000 : 40;
  const seen = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const memory = copyOf(system.memory);
    const words = wordsOf(memory);
    const at = HEADER.MAGIC + (random.int(3) === 0 ? random.int(4) : random.int(300));
    if (LOCKS.includes(at)) continue; // whoever waits for a lock of nobody gives up, after seconds
    words[at] = (words[at] as number) ^ (1 << random.int(32));
    let outcome = "attached";
    try {
      work(System.attach(ticketOf(memory)));
    } catch (error) {
      if (!(error instanceof LookasideError)) throw error;
      outcome = error.code;
    }
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  assert.ok((seen.get("ERR_TICKET") ?? 0) > 0, [...seen].join("; "));
  shutdown();
  system.detach();
});
