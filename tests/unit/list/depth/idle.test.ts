/** The policy `idle` and the price of memory as pure functions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DepthSample,
  IDLE_DEPTH,
  idleDepth,
  idlePatience,
  nextPrice,
  PRICE_MAX,
  PRICE_MIN,
} from "#src/list/index.js";
import { seeded } from "../../../support/seed.js";

const random = seeded(import.meta.url);

const CALM: DepthSample = {
  depth: 100,
  maximumDepth: 256,
  bytes: 512,
  proof: false,
  rejected: 0,
  allocates: 0,
  misses: 0,
  frees: 0,
  freeMisses: 0,
  parked: 0,
  idle: 0,
  unused: 0,
  price: 1,
};

function next(sample: Partial<DepthSample>, constants: Partial<typeof IDLE_DEPTH> = {}): number {
  return idleDepth({ ...CALM, ...sample }, { ...IDLE_DEPTH, ...constants });
}

test("each proof of need doubles depth, by no more than was rejected, up to the ceiling", () => {
  assert.equal(next({ proof: true, depth: 4, rejected: 196 }), 8);
  assert.equal(next({ proof: true, depth: 100, rejected: 7 }), 107);
  assert.equal(next({ proof: true, depth: 200, rejected: 500 }), 256);
  assert.equal(next({ proof: true, depth: 0, rejected: 9 }), 1, "depth 0 grows too");
  assert.equal(next({ proof: true, depth: 4, rejected: 196 }, { growthPercent: 50 }), 6);
});

test("the proofs of one burst are enough to learn its size", () => {
  let [depth, rejected, proofs] = [4, 196, 0];
  for (; rejected > 0; proofs++) {
    const grown = next({ proof: true, depth, rejected });
    rejected -= grown - depth;
    depth = grown;
  }
  assert.deepEqual([depth, proofs], [200, 6]);
});

test("what stayed idle is taken off depth, down to the least", () => {
  assert.equal(next({ idle: 30 }), 70);
  assert.equal(next({ idle: 99 }), 4);
  assert.equal(next({ idle: 99 }, { minimumDepth: 0 }), 1);
  assert.equal(next({ depth: 2, idle: 2 }), 2, "a depth below the least is not raised");
});

test("depth that nobody took up is given up only once memory is dear", () => {
  assert.equal(next({ unused: 60 }), 100);
  assert.equal(next({ unused: 60, price: 2 }), 40);
});

test("a tick never raises depth, and a proof never lowers it", () => {
  for (let draw = 0; draw < 20_000; draw++) {
    const depth = random.int(257);
    const [rejected, idle, unused] = [random.int(400), random.int(400), random.int(400)];
    const sample = { depth, rejected, idle, unused, price: 1 + random.int(64) };
    const tick = next(sample);
    const proof = next({ ...sample, proof: true });
    assert.ok(Number.isInteger(tick) && tick >= 0 && tick <= depth);
    assert.ok(Number.isInteger(proof) && proof >= depth && proof <= 256);
  }
});

test("patience is a price: small blocks may stay longer, and none as long when memory is dear", () => {
  const of = (bytes: number, price = 1): number => idlePatience(bytes, price, IDLE_DEPTH);
  assert.deepEqual(
    [1, 64, 128, 256, 1_024, 65_536].map((bytes) => of(bytes)),
    [16, 13, 6, 3, 2, 2],
  );
  assert.deepEqual(
    [1, 2, 4, 64].map((price) => of(64, price)),
    [13, 6, 3, 1],
  );
  assert.equal(idlePatience(1, 1, { ...IDLE_DEPTH, idleTicks: 40 }), 40);
  assert.equal(idlePatience(1, 4, { ...IDLE_DEPTH, idleTicks: 40 }), 10);
});

test("the price doubles while growth is refused or the budget overdrawn, and comes back to 1", () => {
  assert.equal(nextPrice(1, 10, 100, 0), 1);
  assert.equal(nextPrice(1, 10, 100, 3), 2);
  assert.equal(nextPrice(4, 101, 100, 0), 8);
  assert.equal(nextPrice(8, 100, 100, 0), 4);
  let price = PRICE_MIN;
  for (let visit = 0; visit < 20; visit++) price = nextPrice(price, 10, 100, 1);
  assert.equal(price, PRICE_MAX);
  for (let visit = 0; visit < 20; visit++) price = nextPrice(price, 10, 100, 0);
  assert.equal(price, PRICE_MIN);
});
