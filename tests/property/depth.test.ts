/**
 * Any history of allocate, free, reserve, trim, tick and depth set by hand, under every policy:
 *
 * - depth never passes its ceiling;
 * - depth = credits left + limits of all rings + blocks in the depot (CR-1), and the audit is clean;
 * - growth by policy never passes the budget of parked bytes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, type DepthPolicyOption, System } from "lookaside";
import { PART, parkedAllowance, partOf, RECORD, recordPlaces } from "#src/list/index.js";
import { load } from "#src/memory/index.js";
import { type Random, seeded } from "../support/seed.js";

const random = seeded(import.meta.url);
const STEPS = process.env["LOOKASIDE_LONG"] === "1" ? 400_000 : 15_000;

const POLICIES: readonly (readonly [string, DepthPolicyOption])[] = [
  ["idle", "idle"],
  ["idle at once", { name: "idle", idleTicks: 1, minimumDepth: 0 }],
  ["windows", "windows"],
  ["fixed", "fixed"],
  ["a wild function", ({ depth, idle, proof }) => (proof ? depth * 3 + 1 : depth - idle * 2)],
];

/** Two threads' ways into one list, played by one. */
interface Player {
  readonly system: System;
  readonly list: BlockList;
  readonly held: Block[];
}

function step({ system, list, held }: Player, dice: number, draw: Random): void {
  if (dice < 480 && held.length < 400) {
    const block = list.allocate();
    if (block !== null) held.push(block);
  } else if (dice < 960) held.splice(draw.int(held.length + 1), 1)[0]?.free();
  else if (dice < 990) system.tick();
  else if (dice < 995) list.reserve(draw.int(20));
  else if (dice < 996) list.trim();
  else if (dice < 997) list.depth = draw.int(list.statistics().maximumDepth + 1);
  else burst(list, draw.int(120), held);
}

/** Takes many and frees them, and as many of those held before. */
function burst(list: BlockList, count: number, held: Block[]): void {
  for (let at = 0; at < count; at++) {
    const block = list.allocate();
    if (block !== null) held.push(block);
  }
  for (const block of held.splice(0, 2 * count)) block.free();
}

function demandLaws(system: System): void {
  assert.deepEqual(system.audit().problems, []);
  for (const place of recordPlaces(system.region)) {
    const word = (offset: number): number => load(place.words, place.at + offset);
    let allowed = word(RECORD.CREDITS);
    for (let thread = 1; thread <= system.region.layout.threadCapacity; thread++)
      allowed += load(place.words, partOf(place, thread) + PART.LIMIT);
    const depth = word(RECORD.DEPTH);
    assert.equal(allowed + system.audit().depot, depth, "CR-1");
    assert.ok(depth >= 0 && depth <= word(RECORD.MAXIMUM_DEPTH), `depth ${depth}`);
  }
}

for (const [name, policy] of POLICIES) {
  for (const batch of [1, 4, 16]) {
    test(`under ${name} with batches of ${batch} every law of depth holds in any history`, () => {
      const options = { tag: "Prop", size: 64, batch, maximumDepth: 150, policy };
      const system = System.create({ nonPaged: "4 MiB", threads: 4, depth: { periodMs: 0 } });
      const other = System.attach(system.ticket());
      const players = [system, other].map((one) => ({
        system: one,
        list: one.blockList(options),
        held: [] as Block[],
      }));
      for (let at = 0; at < STEPS / POLICIES.length; at++) {
        step(random.pick(players), random.int(1_000), random);
        if (at % 50 === 0) demandLaws(system);
      }
      for (const { held } of players) for (const block of held) block.free();
      other.detach();
      demandLaws(system);
      system.detach();
    });
  }
}

test("whatever lists want, growth never passes the budget", () => {
  const system = System.create({
    nonPaged: "4 MiB",
    threads: 4,
    parkedBytes: "24 KiB",
    depth: { periodMs: 0 },
  });
  const players = [48, 64, 100, 1_000].map((size) => ({
    system,
    list: system.blockList({ tag: `${size}`, size, depth: 0, maximumDepth: 500, batch: 4 }),
    held: [] as Block[],
  }));
  const objects = system.objectList({ tag: "Objs", bytes: 300, depth: 0, create: () => ({}) });
  const things: object[] = [];
  let most = 0;
  for (let at = 0; at < STEPS; at++) {
    const dice = random.int(1_000);
    if (dice === 996) continue; // nobody sets a depth by hand here
    if (dice < 200) {
      for (const thing of things.splice(0)) objects.free(thing);
      for (let more = random.int(60); more > 0; more--) things.push(objects.allocate() as object);
    }
    step(random.pick(players), dice, random);
    most = Math.max(most, parkedAllowance(system.region));
    assert.ok(most <= 24, `${most} KiB`);
  }
  assert.ok(most > 12, `${most} KiB: the lists wanted more than there was`);
  system.detach();
});
