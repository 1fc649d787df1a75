/** `--monitor`: the page and the metrics of the running demo, until Ctrl-C. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { lookaside } from "./program.js";
import { folderOf } from "./tree.js";

const skip = process.platform === "win32" ? "this system has no signals" : false;

test("the page stays up after the hashing until Ctrl-C, which is then a good end", {
  skip,
}, async (t) => {
  const folder = folderOf(t, { a: "1", "b/c": "2".repeat(100_000) });
  let url = "";
  let seen: Promise<string[]> | null = null;
  const look = async (child: ChildProcess): Promise<string[]> => {
    const texts = ["", "metrics", "snapshot.json"].map(async (path) => {
      const response = await fetch(url + path);
      return response.ok ? response.text() : `${response.status}`;
    });
    const all = await Promise.all(texts);
    child.kill("SIGINT");
    return all;
  };
  const { code, stdout, stderr } = await lookaside(["demo", folder, "--monitor=0"], {
    onLine: (line, child) => {
      url ||= /^Watch it live: (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1] ?? "";
      if (line === "The page stays up until Ctrl-C") seen = look(child);
    },
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Audit: every block is where the lists say$/m);
  const [page, metrics, snapshot] = (await (seen ?? [])) as string[];
  assert.match(page ?? "", /^<!doctype html>/);
  assert.match(metrics ?? "", /^lookaside_list_\w+\{.*list="large"/m);
  const { lists } = JSON.parse(snapshot ?? "") as { lists: { held: number; allocates: number }[] };
  assert.ok(lists.some(({ allocates }) => allocates > 0));
  assert.ok(lists.every(({ held }) => held === 0));
});

test("top and report show the lists of the running demo", { skip }, async (t) => {
  const folder = folderOf(t, { a: "1", b: "2".repeat(5_000), c: "3".repeat(200_000) });
  let url = "";
  let seen: Promise<string[]> | null = null;
  const look = async (child: ChildProcess): Promise<string[]> => {
    const commands = [
      ["top", url, "--once", "--interval", "0.1"],
      ["report", url],
      ["report", url, "--csv"],
    ];
    const answers = await Promise.all(commands.map((command) => lookaside(command)));
    child.kill("SIGINT");
    return answers.map(({ code, stdout, stderr }) => `${code}\n${stdout}${stderr}`);
  };
  const { code } = await lookaside(["demo", folder, "--monitor=0", "--quiet"], {
    onLine: (line, child) => {
      url ||= /^Watch it live: (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1] ?? "";
      if (line === "The page stays up until Ctrl-C") seen = look(child);
    },
  });
  assert.equal(code, 0);
  for (const answer of (await (seen ?? [])) as string[]) {
    assert.match(answer, /^0\n/);
    for (const list of ["small", "medium", "large"]) assert.ok(answer.includes(list), answer);
  }
});

test("a port that is taken is told in one line, before anything is hashed", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = folderOf(t, { a: "1" });
  const { code, stdout, stderr } = await lookaside(["demo", folder, `--monitor=${port}`]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^lookaside demo: Cannot serve a monitor on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
});
