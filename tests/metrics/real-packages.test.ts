/**
 * The adapters with the real `prom-client` and the real OpenTelemetry: same numbers, right types and units.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { System } from "lookaside";
import {
  METRICS,
  type MeterLike,
  observeWithMeter,
  type PromClientLike,
  type PromRegistryLike,
  prometheusText,
  registerWithPromClient,
} from "lookaside/metrics";
import { repositoryRoot } from "../support/repository.js";
import { packagesFolder, realPackage, whyNoPackages } from "./packages.js";

const skip = whyNoPackages();
const SMALL = { nonPaged: "4 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } } as const;

interface Registry extends PromRegistryLike {
  metrics(): Promise<string>;
}
type PromClient = PromClientLike & { readonly Registry: new () => Registry };

/** A system with something of everything. */
function busySystem(): System {
  const system = System.create(SMALL);
  system.blockList({ tag: "Fram", size: 1_536 }).allocate();
  const odd = system.blockList({ tag: "Odd\\", name: 'q"\n☃', size: 64, pool: "paged" });
  odd.allocate()?.free();
  odd.allocate()?.free();
  return system;
}

function valueLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .sort();
}

test("prom-client tells exactly what the plain text tells, at every scrape", { skip }, async () => {
  const client = realPackage<PromClient>("prom-client");
  const registry = new client.Registry();
  const system = busySystem();
  const unregister = registerWithPromClient(client, system, { registry });
  for (let scrape = 0; scrape < 3; scrape++) {
    const text = await registry.metrics();
    assert.deepEqual(valueLines(text), valueLines(prometheusText(system.snapshot())));
    assert.match(text, /# TYPE lookaside_list_allocations_total counter/);
    assert.match(text, /# TYPE lookaside_list_parked gauge/);
    system.blockList({ tag: "Fram", size: 1_536 }).allocate();
  }
  unregister();
  assert.equal((await registry.metrics()).trim(), "");
  system.detach();
});

test("a registry takes one system: a second one is refused whole", { skip }, async () => {
  const client = realPackage<PromClient>("prom-client");
  const registry = new client.Registry();
  const [one, other] = [busySystem(), busySystem()];
  registerWithPromClient(client, one, { registry });
  assert.throws(
    () => registerWithPromClient(client, other, { registry }),
    /already been registered/,
  );
  const text = await registry.metrics();
  assert.deepEqual(valueLines(text), valueLines(prometheusText(one.snapshot())));
  for (const system of [one, other]) system.detach();
});

interface MetricData {
  readonly descriptor: {
    readonly name: string;
    readonly unit: string;
    readonly description: string;
  };
  readonly isMonotonic?: boolean;
  readonly dataPoints: { value: number; attributes: Record<string, string> }[];
}
interface Reader {
  collect(): Promise<{
    resourceMetrics: { scopeMetrics: { metrics: MetricData[] }[] };
    errors: unknown[];
  }>;
}
interface MetricsSdk {
  readonly MetricReader: new () => Reader;
  readonly MeterProvider: new (options: {
    readers: Reader[];
  }) => { getMeter(name: string): MeterLike<object> };
}

test("OpenTelemetry collects every metric with its unit, monotonic where it only grows", {
  skip,
}, async () => {
  const { MetricReader, MeterProvider } = realPackage<MetricsSdk>("@opentelemetry/sdk-metrics");
  class OneShot extends MetricReader {
    onShutdown(): Promise<void> {
      return Promise.resolve();
    }
    onForceFlush(): Promise<void> {
      return Promise.resolve();
    }
  }
  const reader = new OneShot();
  const meter = new MeterProvider({ readers: [reader] }).getMeter("lookaside");
  const system = busySystem();
  const stop = observeWithMeter(meter, system);
  const collect = async (): Promise<Map<string, MetricData>> => {
    const { resourceMetrics, errors } = await reader.collect();
    assert.deepEqual(errors, []);
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(found.map((metric) => [metric.descriptor.name, metric]));
  };
  const collected = await collect();
  const snapshot = system.snapshot();
  for (const metric of METRICS) {
    const data = collected.get(metric.name);
    assert.ok(data, metric.name);
    assert.equal(data.descriptor.unit, metric.unit);
    assert.equal(data.isMonotonic ?? false, metric.kind === "counter", metric.name);
    const values = metric.points(snapshot).map(({ value }) => value);
    assert.deepEqual(
      data.dataPoints.map(({ value }) => value),
      values,
      metric.name,
    );
  }
  assert.deepEqual(collected.get("lookaside.list.held")?.dataPoints[0]?.attributes, {
    "lookaside.list.name": "Fram",
    "lookaside.list.kind": "block",
    "lookaside.tag": "Fram",
    "lookaside.pool.name": "nonPaged",
  });
  stop();
  system.blockList({ tag: "Fram", size: 1_536 }).allocate();
  const afterwards = (await collect()).get("lookaside.list.held")?.dataPoints[0]?.value ?? 1;
  assert.equal(afterwards, 1, "nothing is looked at any more");
  system.detach();
});

const TYPED_PROGRAM = `
import { metrics } from "@opentelemetry/api";
import client from "prom-client";
import { System } from "lookaside";
import { observeWithMeter, registerWithPromClient } from "lookaside/metrics";
const system = System.create();
observeWithMeter(metrics.getMeter("lookaside"), system);
registerWithPromClient(client, system);
registerWithPromClient(client, system, { registry: new client.Registry() });
`;

test("the real packages fit the types of the adapters", { skip }, () => {
  const file = join(packagesFolder, "node_modules", "program.ts"); // finds the packages, is not ours
  writeFileSync(file, TYPED_PROGRAM);
  const root = fileURLToPath(repositoryRoot);
  const config = join(packagesFolder, "node_modules", "tsconfig.json");
  const paths = {
    lookaside: [join(root, "dist/system/index.d.ts")],
    "lookaside/metrics": [join(root, "dist/metrics/index.d.ts")],
  };
  const extending = {
    extends: join(root, "tsconfig.json"),
    files: ["program.ts"],
    include: [],
    exclude: [],
  };
  const compilerOptions = {
    noEmit: true,
    paths,
    rootDir: root,
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(config, JSON.stringify({ ...extending, compilerOptions }));
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { encoding: "utf8" });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  } finally {
    for (const made of [file, config]) rmSync(made);
  }
});
