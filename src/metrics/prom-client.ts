/**
 * Metrics in a registry of `prom-client`: for programs that have one already.
 *
 * The package is handed in and never imported; of it only what its documents promise is used: metrics with a
 * hook `collect`. All hooks of one scrape share one snapshot.
 */
import { onlyKnown } from "../base/index.js";
import type { Snapshot, System } from "../system/index.js";
import { METRICS, type Metric, prometheusName } from "./metric-table.js";

/** What is used of a metric of `prom-client`. */
interface CounterLike {
  reset(): void;
  inc(labels: Record<string, string>, value: number): void;
}
interface GaugeLike {
  reset(): void;
  set(labels: Record<string, string>, value: number): void;
}

/** How one is made. */
interface Configuration {
  name: string;
  help: string;
  labelNames: string[];
  registers: never[];
  collect(): void;
}

/** What is used of a registry. */
export interface PromRegistryLike {
  removeSingleMetric(name: string): void;
}

/** What is used of the package `prom-client`, version 14 or 15: pass the package itself. */
export interface PromClientLike {
  readonly Counter: new (configuration: Configuration) => CounterLike;
  readonly Gauge: new (configuration: Configuration) => GaugeLike;
  readonly register: PromRegistryLike;
}

/** Where the metrics go. */
export interface PromClientOptions {
  /** Default: the package's own. */
  readonly registry?: PromRegistryLike;
}

/** One snapshot for all that ask in the same turn of the event loop. */
function sharedSnapshot(system: System): () => Snapshot {
  let current: Snapshot | null = null;
  return () => {
    if (current === null) {
      current = system.snapshot();
      queueMicrotask(() => {
        current = null;
      });
    }
    return current;
  };
}

function register(
  client: PromClientLike,
  registry: PromRegistryLike,
  metric: Metric,
  snapshot: () => Snapshot,
): void {
  const configuration = (collect: () => void): Configuration => ({
    name: prometheusName(metric),
    help: metric.help,
    labelNames: [...metric.labels],
    registers: [registry as never],
    collect,
  });
  if (metric.kind === "counter") {
    const counter = new client.Counter(
      configuration(() => {
        counter.reset();
        for (const { labels, value } of metric.points(snapshot())) counter.inc(labels, value);
      }),
    );
    return;
  }
  const gauge = new client.Gauge(
    configuration(() => {
      gauge.reset();
      for (const { labels, value } of metric.points(snapshot())) gauge.set(labels, value);
    }),
  );
}

/**
 * Registers every metric of a system with `prom-client`. Gives back what takes them out again. A snapshot is
 * taken at each scrape and at no other time.
 *
 * @example
 * ```js
 * import client from "prom-client";
 * registerWithPromClient(client, system);
 * response.end(await client.register.metrics());
 * ```
 * @throws what `prom-client` throws when a metric of the same name is registered: one system a registry.
 * @throws {LookasideError} ERR_OPTION
 */
export function registerWithPromClient(
  client: PromClientLike,
  system: System,
  options: PromClientOptions = {},
): () => void {
  onlyKnown("the metrics", options, ["registry"]);
  const registry = options.registry ?? client.register;
  const snapshot = sharedSnapshot(system);
  const registered: Metric[] = [];
  const unregister = (): void => {
    for (const metric of registered) registry.removeSingleMetric(prometheusName(metric));
  };
  try {
    for (const metric of METRICS) {
      register(client, registry, metric, snapshot);
      registered.push(metric);
    }
  } catch (error) {
    unregister(); // all or nothing
    throw error;
  }
  return unregister;
}
