/**
 * The real Prometheus server scrapes a running system, and its own tool finds nothing to say about the text.
 * Skipped where `prometheus` and `promtool` are not installed (Debian: package prometheus).
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { System } from "lookaside";
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from "lookaside/metrics";

/** Why a program cannot be run, or false. */
function whyNot(program: string): string | false {
  const found = spawnSync(program, ["--version"], { stdio: "ignore" });
  return found.error === undefined
    ? false
    : `not run: ${program} is not installed (Debian: package prometheus)`;
}

const ODD_NAME = 'q"uo\\te\nd ☃';

function busySystem(): System {
  const system = System.create({ nonPaged: "4 MiB", threads: 4, depth: { periodMs: 0 } });
  system.blockList({ tag: "Fram", size: 1_536 });
  system.blockList({ tag: "{}\\", name: ODD_NAME, size: 64 }).allocate();
  return system;
}

/** Answers scrapes; does one allocation and one free before each, and tells of each when it was answered. */
function serve(system: System, scrapes: EventEmitter): Server {
  const list = system.blockList({ tag: "Fram", size: 1_536 });
  return createServer((_, response) => {
    list.allocate()?.free();
    response.setHeader("content-type", PROMETHEUS_CONTENT_TYPE);
    response.end(prometheusText(system.snapshot()), () => scrapes.emit("scrape"));
  });
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A port that was free a moment ago: the server does not tell which one it chose itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  return port;
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(port: number, expression: string): Promise<Sample[]> {
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const answer = await fetch(url).catch(() => null); // it may not listen yet
  if (answer === null || !answer.ok) return [];
  return ((await answer.json()) as { data: { result: Sample[] } }).data.result;
}

async function stopped(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill();
  await gone;
}

test("promtool reads the text and finds nothing to complain of", {
  skip: whyNot("promtool"),
}, () => {
  const system = busySystem();
  const input = prometheusText(system.snapshot(), { labels: { service: "test" } });
  const { status, stderr, stdout } = spawnSync("promtool", ["check", "metrics"], {
    input,
    encoding: "utf8",
  });
  assert.deepEqual([stdout + stderr, status], ["", 0]);
  system.detach();
});

test("a Prometheus server scrapes a running system and answers with its numbers", {
  skip: whyNot("prometheus"),
}, async () => {
  const system = busySystem();
  const scrapes = new EventEmitter();
  const server = serve(system, scrapes);
  const target = await listening(server);
  const folder = mkdtempSync(join(tmpdir(), "lookaside-prometheus-"));
  const config = join(folder, "prometheus.yml");
  const job = `{ job_name: lookaside, static_configs: [{ targets: ["127.0.0.1:${target}"] }] }`;
  writeFileSync(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms }\nscrape_configs: [${job}]\n`,
  );
  execFileSync("promtool", ["check", "config", config], { stdio: "ignore" });
  const port = await freePort();
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=error",
  ];
  const prometheus = spawn("prometheus", flags, { stdio: "ignore" });
  try {
    const name = 'lookaside_list_allocations_total{list="Fram"}';
    let samples: Sample[] = [];
    for (let scrape = 0; scrape < 20 && Number(samples[0]?.value[1] ?? 0) < 2; scrape++) {
      await once(scrapes, "scrape");
      samples = await query(port, name);
    }
    assert.equal(samples.length, 1);
    const { metric } = samples[0] as Sample;
    const { tag, pool, kind } = metric;
    assert.deepEqual([tag, pool, kind], ["Fram", "nonPaged", "block"]);
    assert.ok(Number(samples[0]?.value[1]) >= 2, "the counter grew from scrape to scrape");
    const odd = await query(port, "lookaside_list_held > 0");
    assert.deepEqual(
      odd.map((sample) => sample.metric["list"]),
      [ODD_NAME],
    );
    const [up] = await query(port, "up");
    assert.equal(up?.value[1], "1");
  } finally {
    await stopped(prometheus);
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
    system.detach();
  }
});
