/**
 * A storm of random calls on the door `lookaside`: every outcome is a value or a LookasideError, none hangs;
 * the audit finds nothing wrong at any time, and lists that were not called go on exactly as stacks.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import { seeded } from "../support/seed.js";
import { LEFT_OUT, MEMBERS, type Target } from "./idiomatic-attacks.js";
import { IdiomaticStorm } from "./idiomatic-storm.js";

const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 1_000_000 : 30_000;
const BETWEEN_LOOKS = 2_000;
const random = seeded(import.meta.url);

/** Public members: what the class and those above it have. */
function membersOf(value: object): string[] {
  const names = new Set<string>();
  for (let at = value; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    if (at === value) continue; // fields are read by everything else
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}

test("no member of the door is left out, but for those that are named", () => {
  const system = System.create({ nonPaged: "2 MiB", depth: { periodMs: 0 } });
  const list = system.blockList({ tag: "Door", size: 64 });
  const channel = system.channel({ name: "door" });
  const block = list.allocate() ?? assert.fail("no room");
  const objects = system.objectList({ tag: "Objs", create: () => ({}) });
  const lane = list.through(channel);
  const found: Readonly<Record<Target, object>> = { system, list, block, channel, lane, objects };
  for (const [target, value] of Object.entries(found) as [Target, object][]) {
    const known = new Set([...Object.keys(MEMBERS[target]), ...Object.keys(LEFT_OUT[target])]);
    const forgotten = membersOf(value).filter((name) => !known.has(name));
    assert.deepEqual(forgotten, [], target);
  }
  system.detach();
});

/** A list that is not called, with the stack that it must be. */
class Bystander {
  readonly list: BlockList;
  readonly held: Block[] = [];
  readonly #stack: number[] = [];

  constructor(list: BlockList) {
    this.list = list;
    for (let count = 0; count < 12; count++) this.held.push(this.#take());
    for (let count = 0; count < 6; count++) this.#give(this.held.pop() as Block);
  }

  /** Everything is where it was, and what comes next is what went last. */
  verify(): void {
    for (const block of this.held) {
      assert.ok(this.list.holds(block));
      assert.ok(block.bytes.every((byte) => byte === (block.address >>> 4) % 251));
    }
    const [first, second] = [this.#take(), this.#take()];
    this.#give(first);
    this.#give(second);
    const { held, parked } = this.list.statistics();
    assert.deepEqual([held, parked], [this.held.length, this.#stack.length]);
  }

  #take(): Block {
    const block = this.list.allocate() ?? assert.fail("no room for who stood aside");
    const wanted = this.#stack.pop();
    if (wanted !== undefined) assert.equal(block.address, wanted);
    block.bytes.fill((block.address >>> 4) % 251);
    return block;
  }

  #give(block: Block): void {
    this.#stack.push(block.address);
    block.free();
  }
}

test("nothing undocumented comes out of a storm, and who stood aside is unharmed", async (t) => {
  const system = System.create({
    nonPaged: "4 MiB",
    paged: "512 KiB",
    threads: 4,
    depth: { periodMs: 0 },
  });
  const second = System.attach(system.ticket());
  const fixed = { depth: 8, maximumDepth: 8, policy: "fixed" } as const;
  const bystanders = [48, 200, 1_000].map(
    (size, at) => new Bystander(system.blockList({ tag: `Asd${at}`, size, ...fixed })),
  );
  const foreign = bystanders.flatMap(({ held }) => held);
  const storm = new IdiomaticStorm(random, [system, second], foreign);
  for (let call = 1; call <= CALLS; call++) {
    storm.step();
    if (call % BETWEEN_LOOKS !== 0) continue;
    await storm.settled();
    for (const bystander of bystanders) bystander.verify();
    assert.deepEqual(system.audit().problems, []);
  }
  await storm.settled();
  storm.end();
  second.detach();
  assert.deepEqual(system.audit().problems, []);
  for (const bystander of bystanders) bystander.verify();
  system.detach();
  const codes = ["ERR_ARGUMENT", "ERR_DOUBLE_FREE", "ERR_FOREIGN_BLOCK", "ERR_STALE_HANDLE"];
  for (const kind of ["a value", ...codes, "ERR_OPTION", "an error of a callback"]) {
    const count = storm.outcomes.get(kind) ?? 0;
    assert.ok(count > 5, `${kind} came out ${count} times only`);
  }
  t.diagnostic([...storm.outcomes].map(([kind, count]) => `${kind}: ${count}`).join(", "));
});
