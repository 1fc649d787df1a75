/** `lookaside top --once`: one table for pipes, and one clear line when there is nothing to show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { CommandFailed } from "#src/cli/failure.js";
import { top } from "#src/cli/top/command.js";
import { snapshotOf, tagOf } from "../support/snapshots.js";
import { linesOf, lookaside } from "./program.js";
import { answering, standIn } from "./stand-in.js";

const ONCE = ["--once", "--interval", "0.1"];

test("--once shows a running system with rates, as plain text", async (t) => {
  const system = System.create({ nonPaged: "4 MiB", paged: "64 KiB", depth: { periodMs: 0 } });
  t.after(() => system.detach());
  const list = system.blockList({ tag: "Fram", size: 1_536, name: "frames" });
  const server = await standIn(
    t,
    answering(() => {
      for (let pair = 0; pair < 5_000; pair++) list.allocate()?.free();
      return system.snapshot();
    }),
  );
  const { code, stdout, stderr } = await lookaside(["top", server.url, ...ONCE], {
    env: { COLUMNS: "100", LANG: "C", LC_ALL: "C", FORCE_COLOR: "1" },
  });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.equal(server.asked(), 2);
  const lines = linesOf(stdout);
  assert.equal(lines.length, 5);
  assert.match(lines[0] ?? "", /^lookaside top /);
  assert.match(lines[1] ?? "", /^1 list, 1 thread {2}memory /);
  assert.match(lines[3] ?? "", /^Tag +Name +Size +Held /);
  // One parked block serves all calls but the first: a rate of some thousand a second, all of them hits.
  assert.match(lines[4] ?? "", /^Fram frames +1536 +0 +1 +4 +256 +[\d.]+k +100 +[\d.]+k +100 /);
  for (const line of lines) {
    assert.ok(line.length <= 100, line);
    assert.match(line, /^[ -~]*$/);
  }
});

test("a width that is none is not taken for one", async (t) => {
  const server = await standIn(t, answering(snapshotOf));
  for (const COLUMNS of ["-5", "1.5", "1e9", "Infinity", "wide"]) {
    const { stdout } = await lookaside(["top", server.url, ...ONCE], { env: { COLUMNS } });
    const [first = ""] = linesOf(stdout);
    assert.match(first, /^lookaside top +\d\d:\d\d:\d\d +every 0\.1 s, by most Alloc/, COLUMNS);
    assert.ok(first.length <= 80, COLUMNS);
  }
});

test("--view, --sort and --tag choose what is shown", async (t) => {
  const tags = ["Aa", "Ab", "Bb", "Ac"].map((tag, at) => tagOf({ tag: `${tag}__`, blocks: at }));
  const server = await standIn(
    t,
    answering(() => snapshotOf({ tags })),
  );
  const options = ["--view", "tags", "-t", "A", "-s", "DIFF"];
  const { code, stdout, stderr } = await lookaside(["top", `:${server.port}`, ...ONCE, ...options]);
  assert.equal(code, 0, stderr);
  const shown = linesOf(stdout).map((line) => line.slice(0, 4));
  assert.deepEqual(shown.slice(4), ["Ac__", "Ab__", "Aa__"]);
});

test("without a terminal, and without --once, top says what to do: exit code 2", async (t) => {
  const server = await standIn(t, answering(snapshotOf));
  const { code, stderr } = await lookaside(["top", server.url]);
  assert.equal(code, 2);
  assert.match(stderr, /^lookaside top: there is no terminal to draw on: --once prints one table;/);
  assert.equal(server.asked(), 0);
});

test("the token of the environment is sent to the monitor, and never shown", async (t) => {
  const server = await standIn(t, (request, response) => {
    if (request.headers.authorization === "Bearer secret-secret-1") {
      response.end(JSON.stringify(snapshotOf()));
    } else {
      response.statusCode = 401;
      response.end();
    }
  });
  const without = await lookaside(["top", server.url, ...ONCE]);
  assert.equal(without.code, 1);
  assert.equal(without.stdout, "");
  assert.equal(
    without.stderr,
    `lookaside top: ${server.url}/snapshot.json answers 401 Unauthorized; ` +
      "its token belongs into the variable LOOKASIDE_TOKEN\n",
  );
  const env = { LOOKASIDE_TOKEN: "secret-secret-1" };
  const withToken = await lookaside(["top", server.url, ...ONCE], { env });
  assert.equal(withToken.code, 0);
  assert.doesNotMatch(withToken.stdout + withToken.stderr, /secret/);
});

test("a monitor that is not there, or answers something else, is refused by its name", async (t) => {
  const gone = await standIn(t, answering(snapshotOf));
  await gone.leave();
  const cases: readonly (readonly [string, RegExp])[] = [
    [gone.url, /^nothing answers at http:\S+: connect ECONNREFUSED /],
  ];
  const answers: readonly (readonly [string | number | null, RegExp])[] = [
    ["<html>", /\/snapshot\.json is no snapshot: it is no JSON$/],
    ["{}", / is no snapshot that can be read: version is not 1$/],
    [404, / answers 404 Not Found$/],
    [301, /^nothing answers at \S+: unexpected redirect$/],
    [null, /^nothing answers at \S+: /],
  ];
  const started = answers.map(async ([answer, line]) => {
    const server = await standIn(t, (request, response) => {
      if (answer === null) request.socket.destroy();
      else if (typeof answer === "string") response.end(answer);
      else {
        response.writeHead(answer, { location: "/elsewhere" });
        response.end();
      }
    });
    return [server.url, line] as const;
  });
  for (const [url, line] of [...cases, ...(await Promise.all(started))]) {
    await assert.rejects(top.run([url, ...ONCE]), (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.match(error.message, line);
      return true;
    });
  }
});
