/** Options of a monitor: what is refused, and in which words; where it listens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serveMonitor } from "lookaside/monitor";
import { isLoopback } from "#src/monitor/host-names.js";
import { ask, smallSystem, withMonitor } from "./ask.js";

test("what is no option, no value of one, or no system is refused before anything is served", async () => {
  const system = smallSystem();
  const refused: [options: unknown, message: RegExp][] = [
    [null, /^Cannot serve a monitor with null: options are an object$/],
    [{ ports: 1 }, /"ports".*there are port, host, token/],
    [{ port: -1 }, /Cannot use -1 as port: .* from 0 to 65535/],
    [{ port: 65_536 }, /from 0 to 65535/],
    [{ port: "80" }, /Cannot use "80" as port/],
    [{ periodMs: 99 }, /Cannot use 99 as periodMs: .* from 100 to 60000/],
    [{ title: "" }, /Cannot use "" as title: it must be 1 to 64 characters/],
    [{ title: "x".repeat(65) }, /as title/],
    [{ unref: 1 }, /Cannot use 1 as unref/],
    [{ host: "a b" }, /Cannot use "a b" as host/],
    [{ host: "localhost:80" }, /as host/],
    [{ host: 1 }, /Cannot use 1 as host/],
    [{ hostNames: "localhost" }, /Cannot use "localhost" as hostNames: it must be an array/],
    [{ hostNames: ["evil/"] }, /Cannot use "evil\/" as hostNames/],
    [{ token: "short" }, /Cannot use a text of 5 characters as token: it must be 16 to 256/],
    [{ token: `${"x".repeat(20)} ` }, /Cannot use a text of 21 characters as token/],
    [{ token: 7 }, /Cannot use 7 as token/],
    [
      { host: "0.0.0.0" },
      /Cannot listen on "0\.0\.0\.0" without a token: only loopback needs none/,
    ],
    [{ host: "::" }, /without a token/],
    [{ host: "192.168.0.1" }, /without a token/],
    [{ host: "board.example" }, /without a token/],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(serveMonitor(system, options as never), { code: "ERR_OPTION", message });
  }
  const nothing = {
    code: "ERR_ARGUMENT",
    message: "Cannot serve a monitor of null: it must be a System",
  };
  await assert.rejects(serveMonitor(null as never), nothing);
  await assert.rejects(serveMonitor({} as never), { code: "ERR_ARGUMENT" });
  system.detach();
});

test("a refused token is never told", async () => {
  const system = smallSystem();
  const secret = "a secret with spaces in it";
  await assert.rejects(serveMonitor(system, { token: secret }), (error: Error) => {
    return !error.message.includes("secret");
  });
  system.detach();
});

test("it listens on loopback, on a port of the host's choice, and says where", async () => {
  await withMonitor({}, async (monitor) => {
    assert.equal(monitor.url, `http://127.0.0.1:${monitor.port}/`);
    assert.ok(monitor.port > 0);
    assert.equal((await ask(monitor, "/")).status, 200);
  });
});

test("a port that is taken is told with the address, and nothing stays behind", async () => {
  await withMonitor({}, async ({ port }, system) => {
    await assert.rejects(serveMonitor(system, { port }), {
      code: "ERR_LISTEN",
      message: new RegExp(`^Cannot serve a monitor on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    });
  });
});

test("everywhere with a token: it answers to the address that was reached, and to loopback", async () => {
  const token = "a-token-of-enough-length";
  await withMonitor({ host: "0.0.0.0", token }, async (monitor) => {
    const authorization = `Bearer ${token}`;
    const statusOf = async (host: string): Promise<number> =>
      (await ask(monitor, "/metrics", { headers: { host, authorization } })).status;
    assert.equal(await statusOf("127.0.0.1"), 200);
    assert.equal(await statusOf("10.1.2.3"), 421);
    assert.equal(await statusOf("evil.example"), 421);
  });
});

test("loopback is told from everything else", () => {
  for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "128.0.0.1", "127.evil.example", "localhost.example"]) {
    assert.equal(isLoopback(host), false, host);
  }
});
