/**
 * Object lists: what each call promises, each misuse by its code, and a plain stack as oracle.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorCode, LookasideError, ObjectList, type ObjectListOptions } from "lookaside";
import { seeded } from "../../support/seed.js";

interface Point {
  x: number;
}

function pointsOf(options: Partial<ObjectListOptions<Point>> = {}): ObjectList<Point> {
  return new ObjectList<Point>({ tag: "Pnts", create: () => ({ x: 0 }), ...options });
}

function taken(list: ObjectList<Point>): Point {
  const point = list.allocate();
  assert.ok(point !== null);
  return point;
}

function fails(code: ErrorCode, action: () => unknown): void {
  assert.throws(action, (error: unknown) => error instanceof LookasideError && error.code === code);
}

test("the object freed last is the next one allocated", () => {
  const points = pointsOf();
  const [first, second] = [taken(points), taken(points)];
  points.free(first);
  points.free(second);
  assert.equal(points.allocate(), second);
  assert.equal(points.allocate(), first);
});

test("reset runs before an object is parked, destroy when depth is reached or the list is trimmed", () => {
  const seen: string[] = [];
  const points = pointsOf({
    reset: () => seen.push("reset"),
    destroy: () => seen.push("destroy"),
    maximumDepth: 1,
  });
  const [first, second] = [taken(points), taken(points)];
  points.free(first);
  points.free(second);
  assert.equal(points.trim(), 1);
  assert.deepEqual(seen, ["reset", "destroy", "destroy"]);
});

test("a second free and a foreign object are refused, and change nothing", () => {
  const points = pointsOf();
  const point = taken(points);
  points.free(point);
  fails("ERR_DOUBLE_FREE", () => points.free(point));
  fails("ERR_FOREIGN_BLOCK", () => points.free({ x: 1 }));
  fails("ERR_FOREIGN_BLOCK", () => points.free(taken(pointsOf())));
  for (const value of [null, undefined, 7, "x"])
    fails("ERR_FOREIGN_BLOCK", () => points.free(value as never));
  assert.deepEqual(
    { ...points.statistics(), tag: "" },
    {
      tag: "",
      allocates: 1,
      allocateMisses: 1,
      frees: 1,
      freeMisses: 0,
      held: 0,
      parked: 1,
      reserved: 0,
      trimmed: 0,
      bytes: 128,
      policy: "idle",
      depth: 4,
      maximumDepth: 256,
    },
  );
});

test("a frozen object can be in a list", () => {
  const points = pointsOf({ create: () => Object.freeze({ x: 1 }) });
  const point = taken(points);
  points.free(point);
  assert.equal(points.allocate(), point);
});

test("above the limit of held objects allocate gives back null", () => {
  const points = pointsOf({ limit: 2 });
  const point = taken(points);
  taken(points);
  assert.equal(points.allocate(), null);
  points.free(point);
  assert.equal(points.allocate(), point);
});

test("what create or reset throw is passed on, and nothing is lost", () => {
  let broken = true;
  const destroyed: Point[] = [];
  const points = pointsOf({
    create: () => {
      if (broken) throw new Error("create");
      return { x: 0 };
    },
    reset: () => {
      throw new Error("reset");
    },
    destroy: (point) => destroyed.push(point),
  });
  assert.throws(() => points.allocate(), /create/);
  assert.equal(points.statistics().allocates, 0);
  broken = false;
  const point = taken(points);
  assert.throws(() => points.free(point), /reset/);
  assert.deepEqual(destroyed, [point]);
  assert.deepEqual([points.statistics().held, points.statistics().parked], [0, 0]);
});

test("create must give an object that is in no list", () => {
  fails("ERR_ARGUMENT", () => pointsOf({ create: () => 7 as never }).allocate());
  const one = { x: 0 };
  const points = pointsOf({ create: () => one });
  taken(points);
  fails("ERR_ARGUMENT", () => points.allocate());
});

test("a deleted list makes no more objects, and takes back those that are held", () => {
  const destroyed: Point[] = [];
  const points = pointsOf({ destroy: (point) => destroyed.push(point) });
  const point = taken(points);
  points.delete();
  fails("ERR_LIST_DELETED", () => points.allocate());
  points.free(point);
  assert.deepEqual(destroyed, [point]);
});

test("wrong options are refused", () => {
  const wrong = [
    { tag: "" },
    { tag: "Tooooo" },
    { create: 1 },
    { reset: 1 },
    { depth: 300 },
    { limit: 0 },
    { maxDepth: 4 },
  ];
  for (const options of wrong) fails("ERR_OPTION", () => pointsOf(options as never));
  fails("ERR_OPTION", () => new ObjectList(undefined as never));
});

test("any history of one list is that of a plain stack with a limit", () => {
  const random = seeded(import.meta.url);
  const points = pointsOf({ maximumDepth: 20, policy: "fixed" });
  const parked: Point[] = [];
  const held: Point[] = [];
  let depth = 20;
  for (let step = 0; step < 200_000; step++) {
    const dice = random.int(1_000);
    if (dice === 0) {
      depth = random.int(21);
      points.depth = depth;
    } else if (dice < 500 && held.length < 1_000) {
      const wanted = parked.pop();
      const point = taken(points);
      if (wanted !== undefined) assert.equal(point, wanted);
      held.push(point);
    } else {
      const [point] = held.splice(random.int(held.length + 1), 1);
      if (point === undefined) continue;
      if (parked.length < depth) parked.push(point);
      points.free(point);
    }
    assert.equal(points.statistics().parked, parked.length);
  }
});

test("an object that reset frees again, or allocates beside, is parked once", () => {
  const failures: unknown[] = [];
  const points: ObjectList<Point> = pointsOf({
    maximumDepth: 4,
    reset: (point) => {
      try {
        points.free(point);
      } catch (error) {
        failures.push((error as LookasideError).code);
      }
      points.allocate();
    },
  });
  const point = taken(points);
  points.free(point);
  assert.deepEqual(failures, ["ERR_DOUBLE_FREE"]);
  assert.equal(points.statistics().parked, 1);
  assert.equal(points.allocate(), point);
  assert.equal(points.statistics().held, 2);
});

test("the same object is found free however often it was parked at other places", () => {
  const points = pointsOf({ policy: "fixed" });
  const all = Array.from({ length: 5 }, () => taken(points));
  for (const point of all) points.free(point);
  const [last, fourth] = [taken(points), taken(points)];
  points.free(last); // now at the place of the other one
  fails("ERR_DOUBLE_FREE", () => points.free(last));
  points.free(fourth);
  for (const point of all) fails("ERR_DOUBLE_FREE", () => points.free(point));
  assert.equal(points.statistics().parked, 5);
});

test("a limit counts what is held, and frees follow from what was allocated", () => {
  const points = pointsOf({ limit: 2 });
  const [one] = [taken(points), taken(points)];
  assert.equal(points.allocate(), null);
  points.free(one);
  assert.equal(points.allocate(), one);
  const { allocates, frees, held } = points.statistics();
  assert.deepEqual({ allocates, frees, held }, { allocates: 3, frees: 1, held: 2 });
});

test("what a tick gives up from the bottom is destroyed once, and the rest is told free as before", () => {
  const destroyed: Point[] = [];
  const policy = { name: "idle", idleTicks: 2, minimumDepth: 0 } as const;
  const destroy = (point: Point): unknown => destroyed.push(point);
  const points = pointsOf({ policy, depth: 10, destroy });
  const all = Array.from({ length: 10 }, () => taken(points));
  for (const point of all) points.free(point);
  const top = all.slice(6).reverse();
  for (let tick = 0; tick < 3; tick++) {
    for (const point of top) assert.equal(points.allocate(), point);
    for (const point of [...top].reverse()) points.free(point);
    points.tick();
  }
  assert.ok(destroyed.length >= 5 && destroyed.length <= 6, `${destroyed.length} given up`);
  assert.deepEqual(destroyed, all.slice(0, destroyed.length), "the oldest first");
  assert.equal(points.statistics().parked, 10 - destroyed.length);
  for (const point of all) fails("ERR_DOUBLE_FREE", () => points.free(point));
  for (const point of top) assert.equal(points.allocate(), point, "the order of one stack");
});

test("an object list of a policy that grows learns the size of a burst from the next one", () => {
  for (const limit of [undefined, 1_000]) {
    const points = pointsOf({ policy: "idle", ...(limit === undefined ? {} : { limit }) });
    for (const depth of [4, 100]) {
      const held = Array.from({ length: 100 }, () => taken(points));
      for (const point of held) points.free(point);
      assert.deepEqual([points.depth, points.statistics().parked], [depth, depth]);
    }
    for (let tick = 0; tick < 40; tick++) points.tick();
    assert.deepEqual([points.depth, points.statistics().parked], [4, 4]);
  }
});

test("trim, tick and delete give up every object, whatever destroy throws, and then throw it", () => {
  const destroyed: object[] = [];
  const list = new ObjectList({
    tag: "Thrw",
    depth: 4,
    create: () => ({}),
    destroy: (item) => {
      destroyed.push(item);
      throw new Error(`number ${destroyed.length}`);
    },
  });
  assert.equal(list.reserve(4), 4);
  assert.throws(() => list.trim(), /^Error: number 1$/);
  assert.equal(destroyed.length, 4);
  assert.equal(list.reserve(4), 4);
  assert.throws(() => list.delete(), /^Error: number 5$/);
  assert.equal(list.statistics().parked, 0);
  assert.equal(new Set(destroyed).size, 8);
  const idle = new ObjectList({
    tag: "Idle",
    depth: 4,
    policy: { name: "idle", minimumDepth: 0 },
    create: () => ({}),
    destroy: (item) => {
      destroyed.push(item);
      throw new Error("idle");
    },
  });
  idle.reserve(4);
  for (let tick = 0; tick < 100; tick++) {
    if (idle.statistics().parked === 0) break;
    try {
      idle.tick();
    } catch (error) {
      assert.match(String(error), /idle/);
    }
  }
  assert.equal(new Set(destroyed).size, 12);
});

test("a list that is being deleted gives out nothing, to destroy either", () => {
  const codes: unknown[] = [];
  const list: ObjectList<object> = new ObjectList<object>({
    tag: "Dele",
    depth: 4,
    create: () => ({}),
    destroy: () => {
      try {
        list.allocate();
      } catch (error) {
        codes.push((error as LookasideError).code);
      }
    },
  });
  list.reserve(4);
  list.delete();
  assert.deepEqual(codes, Array(4).fill("ERR_LIST_DELETED"));
  assert.equal(list.statistics().held, 0);
});

test("the limit holds for what create allocates from the same list", () => {
  const inner: (object | null)[] = [];
  const list: ObjectList<object> = new ObjectList<object>({
    tag: "Limi",
    limit: 1,
    create: () => {
      inner.push(list.allocate());
      return {};
    },
  });
  assert.notEqual(list.allocate(), null);
  assert.deepEqual(inner, [null]);
  assert.equal(list.statistics().held, 1);
});
