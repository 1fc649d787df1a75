/** Every answer of a monitor: to whom, to what, and what a browser may do with it. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ask, withMonitor } from "./ask.js";

const TOKEN = "a-token-of-enough-length";

test("the page, its files, the snapshot and the metrics are served, with HEAD too", async () => {
  await withMonitor({}, async (monitor, system) => {
    system.blockList({ tag: "Answ", size: 64 }).allocate();
    const types = {
      "/": "text/html; charset=utf-8",
      "/page/main.js": "text/javascript; charset=utf-8",
      "/page/frame.css": "text/css; charset=utf-8",
      "/page/icon.svg": "image/svg+xml",
      "/page/uplot.min.js": "text/javascript; charset=utf-8",
      "/page/uplot-licence.txt": "text/plain; charset=utf-8",
      "/snapshot.json": "application/json; charset=utf-8",
      "/metrics": "text/plain; version=0.0.4; charset=utf-8",
    };
    for (const [path, type] of Object.entries(types)) {
      const got = await ask(monitor, path);
      assert.deepEqual([path, got.status, got.headers["content-type"]], [path, 200, type]);
      assert.notEqual(got.body, "");
      const head = await ask(monitor, path, { method: "HEAD" });
      assert.deepEqual([head.status, head.body], [200, ""]);
      assert.equal(head.headers["content-type"], type);
    }
    const head = await ask(monitor, "/events", { method: "HEAD" });
    assert.deepEqual([head.status, monitor.watchers], [200, 0]);
    const metrics = await ask(monitor, "/metrics");
    assert.match(metrics.body, /^lookaside_list_\w+\{.*list="Answ"/m);
  });
});

test("every answer forbids foreign scripts, frames, sniffing, referrers and keeping", async () => {
  await withMonitor({ token: TOKEN }, async (monitor) => {
    const authorization = `Bearer ${TOKEN}`;
    const questions = [
      ["/", {}],
      ["/nothing", { authorization }],
      ["/snapshot.json", { authorization }],
      ["/metrics", { authorization }],
      ["/", { authorization, host: "evil.example" }],
      ["/page/main.js", { authorization }],
    ] as const;
    for (const [path, headers] of questions) {
      const { headers: got } = await ask(monitor, path, { headers });
      const policy = String(got["content-security-policy"]);
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
      ]) {
        assert.ok(policy.split("; ").includes(part), `${path} lacks ${part}`);
      }
      assert.ok(!/unsafe|\*|https?:/.test(policy), policy);
      assert.equal(got["x-content-type-options"], "nosniff");
      assert.equal(got["x-frame-options"], "DENY");
      assert.equal(got["referrer-policy"], "no-referrer");
      assert.equal(got["cross-origin-resource-policy"], "same-origin");
      assert.equal(got["access-control-allow-origin"], undefined);
      assert.match(
        String(got["cache-control"]),
        path === "/page/main.js" ? /^no-cache$/ : /^no-store$/,
      );
    }
  });
});

test("a name that is not this server's is refused, so that DNS rebinding reads nothing", async () => {
  await withMonitor({ hostNames: ["board.example"] }, async (monitor) => {
    const statusOf = async (host: string): Promise<number> =>
      (await ask(monitor, "/snapshot.json", { headers: { host } })).status;
    for (const host of [
      "evil.example",
      `evil.example:${monitor.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "localhost.",
      "0.0.0.0",
      "192.168.1.1",
      "localhost:port",
      "localhost:99999",
      "a@localhost",
    ]) {
      assert.equal(await statusOf(host), 421, JSON.stringify(host));
    }
    for (const host of [
      `127.0.0.1:${monitor.port}`,
      "localhost:9000",
      "LOCALHOST",
      "[::1]:80",
      "board.example",
    ]) {
      assert.equal(await statusOf(host), 200, host);
    }
  });
});

test("who calls no name at all is refused", async () => {
  await withMonitor({}, async ({ port }) => {
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("utf8");
    socket.end("GET /snapshot.json HTTP/1.0\r\n\r\n");
    let text = "";
    for await (const part of socket) text += part as string;
    assert.match(text, /^HTTP\/1\.1 421 /);
  });
});

test("a page of another site may lead people here, and read nothing", async () => {
  await withMonitor({}, async (monitor) => {
    const statusOf = async (path: string, site: string, mode: string, dest: string) => {
      const headers = { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest };
      return (await ask(monitor, path, { headers })).status;
    };
    assert.equal(await statusOf("/events", "cross-site", "cors", "empty"), 403);
    assert.equal(await statusOf("/snapshot.json", "same-site", "no-cors", "script"), 403);
    assert.equal(await statusOf("/", "cross-site", "navigate", "iframe"), 403);
    assert.equal(await statusOf("/", "cross-site", "navigate", "document"), 200);
    assert.equal(await statusOf("/snapshot.json", "same-origin", "cors", "empty"), 200);
    assert.equal(await statusOf("/", "none", "navigate", "document"), 200);
  });
});

test("methods that could change something are refused, and those there are are named", async () => {
  await withMonitor({}, async (monitor) => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      const body = method === "POST" ? "x".repeat(100_000) : "";
      const got = await ask(monitor, "/snapshot.json", { method, body });
      assert.deepEqual([method, got.status, got.headers["allow"]], [method, 405, "GET, HEAD"]);
    }
  });
});

test("no path leads to a file that is not the page's", async () => {
  await withMonitor({}, async (monitor) => {
    for (const path of [
      "/nothing",
      "/page/",
      "/page/../monitor.js",
      "/page/..%2fmonitor.js",
      "/page/%2e%2e/monitor.js",
      "/page/main.d.ts",
      "/page/main.js/",
      "/../../package.json",
      "/page/constructor",
      "/index.html",
    ]) {
      assert.equal((await ask(monitor, path)).status, 404, path);
    }
    for (const path of ["//evil.example/", "http://evil.example/", "*"]) {
      assert.equal((await ask(monitor, path)).status, 400, path);
    }
  });
});

test("files are asked for again each time, and are sent again only when they are others", async () => {
  await withMonitor({}, async (monitor) => {
    const { headers } = await ask(monitor, "/page/main.js");
    const again = { "if-none-match": String(headers["etag"]) };
    const got = await ask(monitor, "/page/main.js", { headers: again });
    assert.deepEqual([got.status, got.body], [304, ""]);
    const other = { "if-none-match": '"another"' };
    assert.equal((await ask(monitor, "/page/main.js", { headers: other })).status, 200);
  });
});

test("without the token nothing is told; with it, programs and people come in", async () => {
  await withMonitor({ token: TOKEN }, async (monitor) => {
    for (const path of [
      "/",
      "/events",
      "/snapshot.json",
      "/metrics",
      "/page/main.js",
      "/nothing",
    ]) {
      const got = await ask(monitor, path);
      assert.equal(got.status, 401, path);
      assert.match(String(got.headers["www-authenticate"]), /^Bearer/);
    }
    for (const wrong of [
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      "Bearer ",
      `Basic ${TOKEN}`,
    ]) {
      const got = await ask(monitor, "/metrics", { headers: { authorization: wrong } });
      assert.equal(got.status, 401, wrong);
    }
    const headers = { authorization: `Bearer ${TOKEN}` };
    assert.equal((await ask(monitor, "/metrics", { headers })).status, 200);
    assert.equal((await ask(monitor, `/metrics?token=${TOKEN}`)).status, 200);
    assert.equal((await ask(monitor, "/metrics?token=wrong")).status, 401);
  });
});

test("a person's token becomes a cookie that holds another secret, and leaves the address", async () => {
  await withMonitor({ token: TOKEN }, async (monitor) => {
    const first = await ask(monitor, `/?token=${TOKEN}`);
    assert.deepEqual([first.status, first.headers.location, first.body], [303, "./", ""]);
    const [cookie = ""] = first.headers["set-cookie"] ?? [];
    assert.match(cookie, /^lookaside-monitor-\d+=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!cookie.includes(TOKEN));
    const pair = cookie.split(";")[0] as string;
    const headers = { cookie: `other=1; ${pair}; more=2` };
    assert.equal((await ask(monitor, "/", { headers })).status, 200);
    const forged = { cookie: `${pair}x` };
    assert.equal((await ask(monitor, "/", { headers: forged })).status, 401);
    const named = { cookie: `${pair.split("=")[0]}=${TOKEN}` };
    assert.equal((await ask(monitor, "/", { headers: named })).status, 401);
  });
});

test("a snapshot takes the parameters it knows, and no others", async () => {
  await withMonitor({}, async (monitor, system) => {
    const list = system.blockList({ tag: "Snap", size: 64 });
    system.blockList({ tag: "Else", size: 64 });
    list.allocate();
    const parsed = async (query: string) => {
      const { body } = await ask(monitor, `/snapshot.json${query}`);
      return JSON.parse(body) as {
        lists: { id: string; name: string; held: number; rings: unknown[] }[];
        blocks: { runs: unknown[] } | null;
      };
    };
    const plain = await parsed("");
    assert.deepEqual([plain.lists.length, plain.blocks], [2, null]);
    assert.ok(((await parsed("?blocks=1")).blocks?.runs.length ?? 0) > 0);
    const id = plain.lists.find(({ name }) => name === "Snap")?.id ?? "";
    const one = await parsed(`?list=${encodeURIComponent(id)}`);
    assert.deepEqual(
      one.lists.map(({ name, held, rings }) => [name, held, rings.length]),
      [["Snap", 1, 1]],
    );
    assert.deepEqual((await parsed("?list=none")).lists, []);
    for (const query of ["?blocks=2", "?block=1", "?__proto__=1"]) {
      assert.equal((await ask(monitor, `/snapshot.json${query}`)).status, 400, query);
    }
  });
});
