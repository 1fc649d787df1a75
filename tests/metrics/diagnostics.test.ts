/**
 * Diagnostics channels: subscribers get what observers get, and nobody else is told anything.
 */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { System } from "lookaside";
import { DIAGNOSTICS_CHANNELS, publishDiagnostics } from "lookaside/metrics";

const SMALL = { nonPaged: "1 MiB", threads: 2, depth: { periodMs: 0 } } as const;

test("each event is a message on the channel of its name", () => {
  const system = System.create(SMALL);
  const stop = publishDiagnostics(system);
  const told: unknown[] = [];
  const listen = (message: unknown, channel: unknown): void => {
    told.push([channel, message]);
  };
  for (const channel of Object.values(DIAGNOSTICS_CHANNELS)) subscribe(channel, listen);
  const list = system.blockList({ tag: "Diag", size: 64, depth: 9 });
  const block = list.allocate();
  list.depth = 0;
  block?.free();
  assert.throws(() => block?.free(), { code: "ERR_DOUBLE_FREE" });
  const of = { list: "Diag", tag: "Diag", thread: 1 };
  const [error] = told.splice(3);
  assert.deepEqual(told, [
    ["lookaside:miss", { ...of, served: true }],
    ["lookaside:depth", { ...of, before: 9, after: 0 }],
    ["lookaside:overflow", of],
  ]);
  assert.equal((error as [string, object])[0], "lookaside:error");
  stop();
  told.length = 0;
  list.allocate();
  assert.deepEqual(told, []);
  for (const channel of Object.values(DIAGNOSTICS_CHANNELS)) unsubscribe(channel, listen);
  system.detach();
});

test("a host without diagnostics channels says so", (context) => {
  const system = System.create(SMALL);
  context.mock.method(process, "getBuiltinModule", () => undefined);
  assert.throws(() => publishDiagnostics(system), { code: "ERR_UNSUPPORTED" });
  system.detach();
});
