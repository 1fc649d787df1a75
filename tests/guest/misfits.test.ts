/** A module that does not fit is refused with a reason, before it has touched anything. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type GuestOptions, type GuestSource, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { type Probe, probeModule } from "./guests.js";
import { dylink, SHARED_MEMORY, type TinyImport, text, tinyWasm } from "./tiny-wasm.js";

beforeEach(() => wdk.boot({ depth: { periodMs: 0 } }));
afterEach(() => wdk.shutdown());

/** The error of a load that must fail. Whatever fails, the pool is as it was. */
async function refusal(source: unknown, options: object = {}): Promise<wdk.LookasideError> {
  const guest = { name: "guest", ...options } as GuestOptions;
  const error = await loadGuest(source as GuestSource, guest).then(
    () => assert.fail("the guest was loaded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof wdk.LookasideError, String(error));
  assert.equal(wdk.poolUsage(wdk.tag("Gues")).NonPaged.Diff, 0);
  return error;
}

function calls(name: string, signature = ">", module = "lookaside"): TinyImport {
  return { module, name, function: signature, exported: name };
}

test("what is no module is refused", async () => {
  for (const source of [null, undefined, "driver.wasm", 7, {}, new Int32Array(2)]) {
    assert.equal((await refusal(source)).code, "ERR_GUEST");
  }
  const error = await refusal(Uint8Array.of(1, 2, 3, 4));
  assert.equal(error.code, "ERR_GUEST");
  assert.match(error.message, /it is no WebAssembly module/);
  assert.ok(error.cause instanceof WebAssembly.CompileError);
});

test("a guest that is not relocatable is told how to become it", async () => {
  const { code, message } = await refusal(tinyWasm({ imports: [SHARED_MEMORY] }));
  assert.equal(code, "ERR_GUEST");
  assert.match(message, /"guest": it is not relocatable; link it with wasm-ld -shared/);
});

test("a guest with a memory of its own is refused", async () => {
  const { code, message } = await refusal(tinyWasm({ dylink: dylink(0) }));
  assert.equal(code, "ERR_GUEST");
  assert.match(message, /a memory of its own; link it with --import-memory/);
});

test("a guest with unshared memory is refused, with the flags that share it", async () => {
  const memory: TinyImport = { module: "env", name: "memory", memory: { shared: false } };
  const { code, message, cause } = await refusal(
    tinyWasm({ dylink: dylink(0), imports: [memory] }),
  );
  assert.equal(code, "ERR_GUEST");
  assert.match(message, /--shared-memory --max-memory=4294967296/);
  assert.ok(cause instanceof WebAssembly.LinkError);
});

test("a guest whose memory may not grow as far as the system's is refused", async () => {
  const memory: TinyImport = { module: "env", name: "memory", memory: { shared: true, max: 100 } };
  const { code, message } = await refusal(tinyWasm({ dylink: dylink(0), imports: [memory] }));
  assert.equal(code, "ERR_GUEST");
  assert.match(message, /--max-memory=4294967296/);
});

test("everything that a guest misses is named", async () => {
  const imports = [
    SHARED_MEMORY,
    calls("ExAllocatePoolWithTag", "iii>i"),
    calls("ExNoSuchRoutine", "i>i"),
    calls("malloc", "i>i", "env"),
    { module: "GOT.mem", name: "errno", global: "mutable" } as const,
  ];
  const first = await refusal(tinyWasm({ dylink: dylink(0), imports }));
  assert.equal(first.code, "ERR_GUEST");
  assert.match(first.message, /nobody gives it lookaside\.ExNoSuchRoutine, env\.malloc;/);
  const second = await refusal(
    tinyWasm({ dylink: dylink(0), imports: [imports[0], imports[4]] as never }),
  );
  assert.match(second.message, /nobody gives it the variable errno/);
});

test("a routine imported with another type is refused", async () => {
  const imports = [SHARED_MEMORY, calls("ExAllocateFromLookasideListEx", "ii>i")];
  const { code, cause } = await refusal(tinyWasm({ dylink: dylink(0), imports }));
  assert.equal(code, "ERR_GUEST");
  assert.ok(cause instanceof WebAssembly.LinkError);
});

test("a guest that needs other libraries is refused", async () => {
  const needed = [...dylink(0), 2, 9, 1, ...text("libc.so")];
  const { code, message } = await refusal(tinyWasm({ dylink: needed, imports: [SHARED_MEMORY] }));
  assert.equal(code, "ERR_GUEST");
  assert.match(message, /needs other libraries \(libc\.so\)/);
});

test("a damaged section is an error, not a hang", async () => {
  for (const damaged of [
    [1],
    [1, 4, 0x80],
    [1, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    dylink(0, 31),
  ]) {
    const { code } = await refusal(tinyWasm({ dylink: damaged, imports: [SHARED_MEMORY] }));
    assert.equal(code, "ERR_GUEST");
  }
});

test("options are checked", async () => {
  const wrong = [
    { name: "" },
    { name: 5 },
    { name: "a#b" },
    { name: "x".repeat(81) },
    { onRaise: "ignore" },
    { data: "somewhere" },
    { stackBytes: 100 },
    { stackBytes: "lots" },
    { imports: { env: 1 } },
    { imports: { lookaside: {} } },
    { print: "console" },
  ];
  for (const options of wrong) {
    assert.equal(
      (await refusal(tinyWasm({}), options)).code,
      "ERR_OPTION",
      JSON.stringify(options),
    );
  }
  await assert.rejects(loadGuest(tinyWasm({}), null as never), { code: "ERR_OPTION" });
});

test("a guest needs a machine", async () => {
  wdk.shutdown();
  await assert.rejects(loadGuest(tinyWasm({}), { name: "guest" }), { code: "ERR_NOT_ATTACHED" });
});

test("a machine that changes while the guest compiles is noticed", async () => {
  const loading = loadGuest(tinyWasm({ dylink: dylink(0), imports: [SHARED_MEMORY] }), {
    name: "guest",
  });
  wdk.shutdown();
  wdk.boot({ depth: { periodMs: 0 } });
  await assert.rejects(loading, { code: "ERR_GUEST" });
});

test("a name is one guest at a time in a thread", async () => {
  const module = await probeModule();
  const first = await loadGuest<Probe>(module, { name: "probe" });
  await assert.rejects(loadGuest(module, { name: "probe" }), { code: "ERR_ROUTINE_NAME" });
  assert.equal(first.functions.count(), 42, "and the first is as it was");
  const twin = await loadGuest<Probe>(module, { name: "twin" });
  assert.equal(twin.functions.count(), 42, "under another name it has data of its own");
});

test("a name means one module in a system", async () => {
  const one = tinyWasm({ dylink: dylink(16), imports: [SHARED_MEMORY] });
  const other = tinyWasm({ dylink: dylink(32), imports: [SHARED_MEMORY] });
  (await loadGuest(one, { name: "one" })).unload();
  await assert.rejects(loadGuest(other, { name: "one" }), { code: "ERR_GUEST" });
  (await loadGuest(one, { name: "one" })).unload();
});

test("a constructor that fails leaves nothing behind", async () => {
  const imports: TinyImport[] = [
    SHARED_MEMORY,
    { module: "env", name: "construct", function: ">", exported: "__wasm_call_ctors" },
    { module: "env", name: "local", function: "i>", exported: "__wasm_init_tls" },
  ];
  const globals = { __tls_size: 40, __tls_align: 32 };
  const blocks: number[] = [];
  let failure: Error | null = new Error("thrown by a constructor");
  const env = {
    construct: () => {
      if (failure !== null) throw failure;
    },
    local: (block: number) => blocks.push(block),
  };
  const bytes = tinyWasm({ dylink: dylink(100), imports, globals });
  await assert.rejects(loadGuest(bytes, { name: "guest", imports: { env } }), failure);
  assert.equal(wdk.poolUsage(wdk.tag("Gues")).NonPaged.Diff, 0);
  failure = null;
  await loadGuest(bytes, { name: "guest", imports: { env } });
  assert.equal(blocks.length, 2);
  assert.ok(blocks.every((block) => block !== 0 && block % 32 === 0));
});

test("a routine may be imported from env, where C puts what has no module", async () => {
  const imports = [SHARED_MEMORY, calls("ExAllocatePoolWithTag", "iii>i", "env")];
  type Functions = { ExAllocatePoolWithTag(...values: number[]): number };
  const guest = await loadGuest<Functions>(tinyWasm({ dylink: dylink(0), imports }), { name: "c" });
  const block = guest.functions.ExAllocatePoolWithTag(wdk.NonPagedPool, 24, 0x1234_5678);
  assert.equal(wdk.queryPoolBlock(block)?.bytes, 24);
});

test("a guest without data of its own needs no relocation", async () => {
  const imports = [
    SHARED_MEMORY,
    calls("ExAllocatePoolWithTag", "iii>i"),
    calls("ExFreePool", "i>"),
  ];
  type Functions = {
    ExAllocatePoolWithTag(...values: number[]): number;
    ExFreePool(p: number): void;
  };
  const guest = await loadGuest<Functions>(tinyWasm({ imports }), { name: "guest", data: "none" });
  const block = guest.functions.ExAllocatePoolWithTag(wdk.PagedPool, 24, 0x1234_5678);
  assert.equal(wdk.queryPoolBlock(block)?.bytes, 24);
  guest.functions.ExFreePool(block);
  assert.equal(wdk.queryPoolBlock(block), null);
});
