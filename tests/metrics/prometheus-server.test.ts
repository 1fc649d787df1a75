/**
 * The real Prometheus server scrapes a running system, and the demo; its own tool finds nothing to say about
 * the text. Skipped where `prometheus` and `promtool` are not installed (Debian: package prometheus).
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer, type Server } from "node:http";
import { test } from "node:test";
import { System } from "lookaside";
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from "lookaside/metrics";
import { lookaside } from "../cli/program.js";
import { folderOf } from "../cli/tree.js";
import { listening, type Sample, startPrometheus, whyNot } from "./prometheus.js";

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
  const prometheus = await startPrometheus(await listening(server));
  try {
    const name = 'lookaside_list_allocations_total{list="Fram"}';
    let samples: Sample[] = [];
    for (let scrape = 0; scrape < 20 && Number(samples[0]?.value[1] ?? 0) < 2; scrape++) {
      await once(scrapes, "scrape");
      samples = await prometheus.query(name);
    }
    assert.equal(samples.length, 1);
    const { metric } = samples[0] as Sample;
    const { tag, pool, kind } = metric;
    assert.deepEqual([tag, pool, kind], ["Fram", "nonPaged", "block"]);
    assert.ok(Number(samples[0]?.value[1]) >= 2, "the counter grew from scrape to scrape");
    const odd = await prometheus.query("lookaside_list_held > 0");
    assert.deepEqual(
      odd.map((sample) => sample.metric["list"]),
      [ODD_NAME],
    );
    const [up] = await prometheus.query("up");
    assert.equal(up?.value[1], "1");
  } finally {
    await prometheus.stop();
    server.close();
    server.closeAllConnections();
    system.detach();
  }
});

/** Asks the server until it has the allocations of all lists of the demo; then ends the demo. */
async function scrapeDemo(url: string, demo: ChildProcess): Promise<number> {
  const prometheus = await startPrometheus(Number(new URL(url).port));
  try {
    for (;;) {
      const [sum] = await prometheus.query("sum(lookaside_list_allocations_total)");
      const [up] = await prometheus.query("up");
      if (sum !== undefined && up?.value[1] === "1") return Number(sum.value[1]);
    }
  } finally {
    await prometheus.stop();
    demo.kill("SIGINT");
  }
}

test("a Prometheus server scrapes the running demo", {
  skip: whyNot("prometheus"),
  timeout: 60_000,
}, async (t) => {
  const folder = folderOf(t, { a: "1", b: "2".repeat(5_000), c: "3".repeat(200_000) });
  let url = "";
  let scraped: Promise<number> | null = null;
  const { code, stderr } = await lookaside(["demo", folder, "--monitor=0"], {
    onLine: (line, child) => {
      url ||= /^Watch it live: (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1] ?? "";
      if (line === "The page stays up until Ctrl-C") scraped = scrapeDemo(url, child);
    },
  });
  assert.equal(code, 0, stderr);
  assert.ok(((await scraped) ?? 0) >= 6, "a block or more of each file, and the demo's own");
});
