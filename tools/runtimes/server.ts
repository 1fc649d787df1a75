/**
 * Serves the compiled project to a browser, on the loopback interface: with the headers that isolate a
 * page, or without.
 *
 * Modules are served as they are, but bare names are replaced by addresses: import maps do not reach
 * workers and worklets. The three modules that begin a context (`/entry/…`) are made here, because a
 * worklet knows no `import()`.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { repositoryRoot } from "../../tests/support/repository.js";

const STAND_INS = "/build/tests/browser/stand-ins";

/** Modules of Node that have a stand-in. */
export const STOOD_IN: Readonly<Record<string, string>> = {
  "node:events": `${STAND_INS}/events.js`,
  "node:timers/promises": `${STAND_INS}/timers-promises.js`,
  "node:test": `${STAND_INS}/node-test.js`,
  "node:assert/strict": `${STAND_INS}/assert-strict.js`,
  "node:worker_threads": `${STAND_INS}/worker-threads.js`,
};

const NAMED: Readonly<Record<string, string>> = {
  ...STOOD_IN,
  lookaside: "/dist/system/index.js",
  "lookaside/wdk": "/dist/wdk/index.js",
  "lookaside/guest": "/dist/wdk/guest/index.js",
  "lookaside/metrics": "/dist/metrics/index.js",
  "lookaside/verifier": "/dist/verifier/index.js",
  "fast-check": "/node_modules/fast-check/lib/fast-check.js",
};

const IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'./][^"']*)\2/g;

const SERVED = /^\/(?:build|dist|node_modules\/(?:fast-check|pure-rand)|examples)\/[\w./-]+$/;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>lookaside</title>
<script type="module">
import "${STAND_INS}/globals.js";
import "/build/tests/browser/host/page.js";
</script>`;

/** A server that runs. */
export interface Server {
  readonly url: string;
  close(): void;
}

/** Starts a server on a free port. */
export function serve(isolated: boolean): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response, isolated ? ISOLATION : {});
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const close = (): void => {
        server.closeAllConnections();
        server.close();
      };
      resolve({ url: `http://127.0.0.1:${port}/`, close });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const send = (type: string, body: string | Buffer): void => {
    response.writeHead(200, { ...headers, "content-type": type, "cache-control": "no-store" });
    response.end(body);
  };
  if (pathname === "/") return send("text/html", PAGE);
  const entry = /^\/entry\/(page|worker|worklet)\.js$/.exec(pathname)?.[1];
  if (entry !== undefined) return send("text/javascript", entryModule(entry, searchParams));
  try {
    if (!SERVED.test(pathname)) throw new Error(pathname);
    const body = await readFile(new URL(`.${pathname}`, repositoryRoot));
    const type = TYPES[extname(pathname)] ?? "application/octet-stream";
    send(type, type === "text/javascript" ? withAddresses(body.toString()) : body);
  } catch {
    response.writeHead(404).end();
  }
}

/** Replaces bare names of modules by addresses; what has none fails in the browser with its name. */
export function withAddresses(module: string): string {
  return module.replace(IMPORT, (whole, before: string, _quote, name: string) => {
    const address = addressOf(name);
    return address === undefined ? whole : `${before}"${address}"`;
  });
}

function addressOf(name: string): string | undefined {
  if (name.startsWith("#src/")) return `/dist/${name.slice("#src/".length)}`;
  const inside = /^pure-rand\/(?<path>.+)$/.exec(name)?.groups?.["path"];
  if (inside !== undefined) return `/node_modules/pure-rand/lib/esm/${inside}.js`;
  return NAMED[name];
}

/** The module that begins a context, runs one test file there, and tells how its tests ended. */
function entryModule(place: string, search: URLSearchParams): string {
  const file = search.get("file") ?? "";
  const compiled = `/build/${file.replace(/\.ts$/, ".js")}`;
  const begin = [
    `import "${STAND_INS}/globals.js";`,
    `import { runRegistered } from "${STAND_INS}/node-test.js";`,
    `import ${JSON.stringify(compiled)};`,
    `const run = () => runRegistered(${JSON.stringify(file)});`,
  ];
  const ends: Readonly<Record<string, string>> = {
    page: "export { run };",
    worker: "postMessage(await run());",
    worklet: `registerProcessor("tests", class extends AudioWorkletProcessor {
      constructor() { super(); run().then((cases) => this.port.postMessage(cases)); }
      process() { return true; }
    });`,
  };
  return [...begin, ends[place]].join("\n");
}
