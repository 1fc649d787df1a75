/**
 * Debian's Prometheus server as tests run it: one target, scraped five times a second.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why a program cannot be run, or false. */
export function whyNot(program: string): string | false {
  const found = spawnSync(program, ["--version"], { stdio: "ignore" });
  return found.error === undefined
    ? false
    : `not run: ${program} is not installed (Debian: package prometheus)`;
}

/** The port that a server was given. */
export async function listening(server: Server): Promise<number> {
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

/** One answer to a query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A running server. */
export interface Prometheus {
  /** What an expression comes to now; nothing while the server does not answer yet. */
  query(expression: string): Promise<Sample[]>;
  stop(): Promise<void>;
}

async function stopped(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill();
  await gone;
}

/** Starts a server that scrapes a port of this machine. */
export async function startPrometheus(target: number): Promise<Prometheus> {
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
  const child = spawn("prometheus", flags, { stdio: "ignore" });
  return {
    async query(expression) {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const answer = await fetch(url).catch(() => null);
      if (answer === null || !answer.ok) return [];
      return ((await answer.json()) as { data: { result: Sample[] } }).data.result;
    },
    async stop() {
      await stopped(child);
      rmSync(folder, { recursive: true });
    },
  };
}
