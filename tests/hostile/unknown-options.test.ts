/** An option that nobody knows is refused wherever options are taken: a misspelt one would be the default. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Channel, type LockManagerLike, ObjectList, System } from "lookaside";
import { loadGuest } from "lookaside/guest";
import { prometheusText, registerWithPromClient } from "lookaside/metrics";
import { serveMonitor } from "lookaside/monitor";
import { verify } from "lookaside/verifier";
import { boot, isBooted, shutdown, simulateLowResources } from "lookaside/wdk";

/** One door: what is called with an options object, the name that is wrong in it, and what there is. */
interface Door {
  readonly name: string;
  readonly call: (system: System, wrong: object) => unknown;
  readonly code?: string;
  /** Some of the names that the message tells. */
  readonly tells: RegExp;
}

const create = (): object => ({});
const locks: LockManagerLike = { request: () => Promise.resolve() } as never;
const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const DOORS: readonly Door[] = [
  { name: "System.create", call: (_, wrong) => System.create(wrong), tells: /nonPaged, paged/ },
  {
    name: "quota of System.create",
    call: (_, quota) => System.create({ quota }),
    tells: /: there are nonPaged, paged;/,
  },
  {
    name: "depth of System.create",
    call: (_, depth) => System.create({ depth }),
    tells: /periodMs, .*lowUseStep/,
  },
  { name: "boot", call: (_, wrong) => boot(wrong), tells: /nonPagedPoolBytes/ },
  {
    name: "quota of boot",
    call: (_, quota) => boot({ quota }),
    tells: /there are nonPaged, paged/,
  },
  { name: "depth of boot", call: (_, depth) => boot({ depth }), tells: /lowUseStep/ },
  {
    name: "lowResources of boot",
    call: (_, lowResources) => boot({ lowResources }),
    tells: /perTenThousand/,
  },
  {
    name: "simulateLowResources",
    call: (_, wrong) => {
      boot();
      simulateLowResources(wrong);
    },
    tells: /perTenThousand/,
  },
  {
    name: "System.attach",
    call: (system, wrong) => System.attach(system.ticket(), wrong),
    tells: /there are locks/,
  },
  {
    name: "blockList",
    call: (system, wrong) => system.blockList({ tag: "A", size: 8, ...wrong }),
    tells: /maximumDepth/,
  },
  {
    name: "policy of blockList",
    call: (system, wrong) =>
      system.blockList({ tag: "A", size: 8, policy: { name: "idle", ...wrong } }),
    tells: /growthPercent/,
  },
  {
    name: "objectList",
    call: (system, wrong) => system.objectList({ tag: "A", create, ...wrong }),
    tells: /maximumDepth/,
  },
  {
    name: "ObjectList",
    call: (_, wrong) => new ObjectList({ tag: "A", create, ...wrong }),
    tells: /maximumDepth/,
  },
  {
    name: "policy of objectList",
    call: (system, wrong) =>
      system.objectList({ tag: "A", create, policy: { name: "fixed", ...wrong } }),
    tells: /there are name/,
  },
  {
    name: "channel",
    call: (system, wrong) => system.channel({ name: "c", ...wrong }),
    tells: /name, capacity/,
  },
  {
    name: "popAsync",
    call: (system, wrong) => system.channel({ name: "c" }).popAsync({ timeoutMs: 0, ...wrong }),
    code: "ERR_ARGUMENT",
    tells: /timeoutMs, signal/,
  },
  {
    name: "pushAsync",
    call: (system, wrong) => system.channel({ name: "c" }).pushAsync(1, wrong),
    code: "ERR_ARGUMENT",
    tells: /timeoutMs, signal/,
  },
  {
    name: "watchThreads",
    call: (_, wrong) => {
      const system = System.create({ locks });
      try {
        system.watchThreads(wrong);
      } finally {
        system.detach();
      }
    },
    tells: /orphans/,
  },
  { name: "observe", call: (system, wrong) => system.observe(wrong), tells: /recovery/ },
  { name: "snapshot", call: (system, wrong) => system.snapshot(wrong), tells: /there are blocks/ },
  { name: "verify", call: (system, wrong) => verify(system, wrong), tells: /sampleSites, dropped/ },
  {
    name: "prometheusText",
    call: (system, wrong) => prometheusText(system.snapshot(), wrong),
    tells: /there are labels/,
  },
  {
    name: "registerWithPromClient",
    call: (system, wrong) => registerWithPromClient({} as never, system, wrong),
    tells: /there are registry/,
  },
  {
    name: "loadGuest",
    call: (_, wrong) => {
      boot();
      return loadGuest(wasm, { name: "g", ...wrong });
    },
    tells: /onRaise, stackBytes/,
  },
];

for (const { name, call, code = "ERR_OPTION", tells } of DOORS) {
  test(`an option that nobody knows is refused by its name and value: ${name}`, async (t) => {
    const system = System.create({ nonPaged: "1 MiB", paged: "1 MiB" });
    t.after(() => {
      if (isBooted()) shutdown();
      system.detach();
    });
    await assert.rejects(
      async () => await call(system, { mispelt: 12_345 }),
      (error: { name: string; code: string; message: string }) => {
        assert.deepEqual([error.name, error.code], ["LookasideError", code]);
        assert.match(error.message, /"mispelt"/);
        assert.match(error.message, /12345/);
        assert.match(error.message, tells);
        return true;
      },
    );
  });
}

test("a monitor does not tell the value of an option that nobody knows: it may be the token", async () => {
  const system = System.create({ nonPaged: "1 MiB", paged: "1 MiB" });
  await assert.rejects(serveMonitor(system, { tokens: "s3cret" } as object), (error: Error) => {
    assert.match(error.message, /"tokens" of a monitor: there are port, host, token/);
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  });
  system.detach();
});

test("a getter of an option that nobody knows is not called", () => {
  let calls = 0;
  const wrong = Object.defineProperty({}, "mispelt", { enumerable: true, get: () => ++calls });
  assert.throws(() => System.create(wrong), { code: "ERR_OPTION" });
  assert.equal(calls, 0);
});

test("the quota and the depth of a system are objects", () => {
  for (const value of [5, "x", null, []] as never[]) {
    assert.throws(() => System.create({ quota: value }), { code: "ERR_OPTION" });
    assert.throws(() => System.create({ depth: value }), { code: "ERR_OPTION" });
  }
});

test("a signal that is none is refused", async () => {
  const system = System.create({ nonPaged: "1 MiB", paged: "1 MiB" });
  const channel: Channel = system.channel({ name: "c" });
  await assert.rejects(channel.popAsync({ signal: {} as never }), { code: "ERR_ARGUMENT" });
  system.detach();
});
