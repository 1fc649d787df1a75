/** What is taken for a snapshot: what a system gives, and nothing that lacks a field of the schema. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { System } from "lookaside";
import {
  boot,
  ExAllocatePoolWithTag,
  ExInitializePagedLookasideList,
  NonPagedPool,
  NULL,
  shutdown,
  system as systemOfMachine,
  tag,
} from "lookaside/wdk";
import { checkSnapshot } from "#src/cli/observe/check-snapshot.js";
import { snapshotOf } from "../../support/snapshots.js";

/** Every way to a value inside, objects and arrays included. */
function* paths(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) yield* paths(part, [...path, name]);
}

function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const copy = structuredClone(value);
  let at = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = path.at(-1) as string;
  if (to === undefined) delete at[last];
  else at[last] = to;
  return copy;
}

test("snapshots of real systems are taken, after a way through JSON too", () => {
  boot({ nonPagedPoolBytes: "1 MiB", threads: 2, depth: { periodMs: 0 } });
  const list = ExAllocatePoolWithTag(NonPagedPool, 128, tag("List"));
  ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, tag("Docu"), 0);
  const system: System = systemOfMachine();
  system.blockList({ tag: "Bloc", size: 64 }).allocate();
  system.objectList({ tag: "Obje", create: () => ({}) });
  for (const blocks of [false, true]) {
    const snapshot = system.snapshot({ blocks });
    assert.equal(snapshot.lists.length, 3);
    assert.equal(checkSnapshot(snapshot), snapshot);
    checkSnapshot(JSON.parse(JSON.stringify(snapshot)));
  }
  shutdown();
});

test("a field that is missing or of another kind is named", () => {
  const whole = snapshotOf({
    blocks: {
      free: 1,
      held: 1,
      parked: 1,
      freeBytesInUsedSlabs: 0,
      emptySlabBytes: 0,
      holders: [{ list: "block-1", thread: 1, held: 1, bytes: 64 }],
      runs: [
        {
          offset: 0,
          bytes: 65_536,
          pool: "nonPaged",
          kind: "slab",
          blockBytes: 64,
          blocks: 1,
          free: 0,
          held: 1,
          parked: 0,
        },
      ],
    },
  });
  let tried = 0;
  for (const path of paths(whole)) {
    const item = /^\d+$/.test(path.at(-1) ?? "");
    const name = path.reduce(
      (so, part) => (/^\d+$/.test(part) ? `${so}[${part}]` : so === "" ? part : `${so}.${part}`),
      "",
    );
    for (const wrong of [...(item ? [] : [undefined]), () => 0, { there: "is" }]) {
      if (typeof wrong === "function") {
        const bad = [Number.NaN, -1];
        const value = path.reduce<unknown>(
          (at, part) => (at as Record<string, unknown>)[part],
          whole,
        );
        if (typeof value !== "number") continue;
        for (const number of bad) {
          assert.throws(
            () => checkSnapshot(changed(whole, path, number)),
            (error: Error) => error.message.startsWith(name),
            name,
          );
          tried++;
        }
        continue;
      }
      assert.throws(
        () => checkSnapshot(changed(whole, path, wrong)),
        (error: Error) => error.message.startsWith(name),
        name,
      );
      tried++;
    }
  }
  assert.ok(tried > 300, `${tried}`);
});

test("what is no object at all is refused, and another version", () => {
  for (const value of [null, 1, "x", [], undefined]) {
    assert.throws(() => checkSnapshot(value), /it is not an object/);
  }
  assert.throws(() => checkSnapshot({ ...snapshotOf(), version: 2 }), /^Error: version is not 1$/);
});

test("fields that nobody knows are let through", () => {
  checkSnapshot({ ...snapshotOf(), later: { more: true } });
});
