/** The option `policy`: what each form means, and each wrong one by its message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DepthPolicy, type ErrorCode, LookasideError, ObjectList, System } from "lookaside";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } } as const;

function fails(code: ErrorCode, action: () => unknown, text: RegExp): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof LookasideError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  });
}

function objects(policy: unknown, depth?: number): ObjectList<object> {
  const options = { tag: "Objs", create: () => ({}), policy: policy as DepthPolicy };
  return new ObjectList(depth === undefined ? options : { ...options, depth });
}

test("wrong policies are refused with the option, the value and the bound", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ["idel", /"idel" as policy.*"idle"/],
    [7, /7 as policy/],
    [null, /null as policy/],
    [{}, /undefined as policy/],
    [{ name: "idle", minimumDepth: -1 }, /-1 as policy\.minimumDepth.*0 to 16384/],
    [{ name: "idle", idleTicks: 65 }, /65 as policy\.idleTicks.*0 to 64/],
    [{ name: "windows", growthStep: 1.5 }, /1\.5 as policy\.growthStep/],
    [{ name: "windows", idleTicks: 1 }, /"idleTicks"/],
    [{ name: "fixed", depth: 1 }, /"depth"/],
  ];
  for (const [policy, text] of wrong) fails("ERR_OPTION", () => objects(policy), text);
  const system = System.create(SMALL);
  for (const [policy, text] of wrong) {
    const options = { tag: "Bloc", size: 64, policy: policy as DepthPolicy };
    fails("ERR_OPTION", () => system.blockList(options), text);
  }
  system.detach();
});

test("a list begins with the least depth of its policy, unless it is told another", () => {
  assert.equal(objects(undefined).depth, 4);
  assert.equal(objects({ name: "idle", minimumDepth: 9 }).depth, 9);
  assert.equal(objects("windows").depth, 4);
  assert.equal(objects("fixed").depth, 256);
  assert.equal(objects(() => 7).depth, 4);
  assert.equal(objects("idle", 100).depth, 100);
});

test("the policy of a list's maker holds in every thread, and another one is refused", () => {
  const system = System.create(SMALL);
  const other = System.attach(system.ticket());
  const options = { tag: "Same", size: 64 } as const;
  system.blockList({ ...options, policy: { name: "windows", growthStep: 9 } });
  assert.equal(other.blockList(options).statistics().policy, "windows");
  for (const policy of ["idle", "windows", () => 4] as const) {
    fails("ERR_LIST_MISMATCH", () => other.blockList({ ...options, policy }), /"Same" with policy/);
  }
  other.blockList({ ...options, policy: { name: "windows", growthStep: 9 } });
  for (const one of [other, system]) one.detach();
});

test("a policy of the user's own is run in the threads that gave it", () => {
  const system = System.create(SMALL);
  const other = System.attach(system.ticket());
  const list = system.blockList({ tag: "Mine", size: 64, policy: () => 77 });
  const same = other.blockList({ tag: "Mine", size: 64 });
  other.tick();
  assert.equal(list.depth, 4, "this thread has no function to run");
  system.tick();
  assert.equal(list.depth, 77);
  other.blockList({ tag: "Mine", size: 64, policy: () => 33 });
  other.tick();
  assert.equal(same.depth, 33, "now it has");
  for (const one of [other, system]) one.detach();
});

test("what a policy gives is rounded down and brought into its bounds", () => {
  for (const [given, depth] of [
    [12.9, 12],
    [-5, 0],
    [1e9, 256],
    [Number.POSITIVE_INFINITY, 256],
    [Number.NEGATIVE_INFINITY, 0],
  ] as const) {
    const list = objects(() => given);
    list.tick();
    assert.equal(list.depth, depth);
  }
});

test("a policy that throws or gives no number is an error once, changes nothing and is set aside", () => {
  const system = System.create(SMALL);
  const cause = new Error("mine");
  for (const [tag, policy] of [
    ["NaN ", () => Number.NaN],
    ["Text", () => "12" as never],
    [
      "Thrw",
      () => {
        throw cause;
      },
    ],
  ] as const) {
    const list = system.blockList({ tag, size: 64, policy });
    const mine = system.objectList({ tag, create: () => ({}), policy });
    const healthy = system.blockList({ tag: `${tag[0]}ok`, size: 64, policy: () => 50 });
    fails("ERR_DEPTH_POLICY", () => system.tick(), new RegExp(tag));
    assert.equal(healthy.depth, 50, "the others had their turn");
    system.tick();
    assert.deepEqual([list.depth, mine.depth], [4, 4]);
    for (const one of [list, mine, healthy]) one.delete();
  }
  system.detach();
});

test("a policy that throws on proof of need does not disturb the allocation: the next tick tells", () => {
  const list = objects(() => {
    throw new Error("mine");
  }, 1);
  const held = [list.allocate(), list.allocate()];
  for (const item of held) list.free(item as object);
  assert.ok(list.allocate() !== null && list.allocate() !== null);
  fails("ERR_DEPTH_POLICY", () => list.tick(), /"Objs"/);
  list.tick();
});

test("a policy sees what happened since its last tick", () => {
  const samples: string[] = [];
  const system = System.create(SMALL);
  const policy: DepthPolicy = (sample) => {
    const { proof, allocates, misses, frees, freeMisses, parked, idle, depth } = sample;
    samples.push([proof, allocates, misses, frees, freeMisses, parked, idle, depth].join());
    return depth;
  };
  const list = system.blockList({ tag: "Seen", size: 64, policy, depth: 3, maximumDepth: 8 });
  const blocks = [1, 2, 3, 4, 5].map(() => list.allocate());
  for (const block of blocks) block?.free();
  system.tick();
  system.tick();
  system.tick();
  list.allocate();
  system.tick();
  assert.deepEqual(samples, [
    "false,5,5,5,2,3,0,3",
    "false,0,0,0,0,3,0,3", // parked all through one tick
    "false,0,0,0,0,3,3,3", // and all through two
    "false,1,0,0,0,2,2,3", // what was allocated is not idle
  ]);
  system.detach();
});
