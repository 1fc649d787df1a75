/**
 * A snapshot as text that a Prometheus server reads, with nothing but this file: the text format 0.0.4.
 */
import { LookasideError, onlyKnown, show } from "../base/index.js";
import type { Snapshot } from "../system/index.js";
import { type Labels, METRICS, type Metric, prometheusName } from "./metric-table.js";

/** Value of the header `content-type` that goes with {@link prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** How the text is made. */
export interface PrometheusOptions {
  /** Labels of every line, for programs with more than one system. Names: letters, digits and `_`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A label's value, in quotes. */
function quoted(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
  return `"${escaped}"`;
}

/** Labels of every line, as they stand in one. @throws {LookasideError} ERR_OPTION */
function commonLabels(options: PrometheusOptions): string[] {
  onlyKnown("the text", options, ["labels"]);
  const own = new Set(METRICS.flatMap((metric) => metric.labels as readonly string[]));
  return Object.entries(options.labels ?? {}).map(([name, value]) => {
    if (!/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/.test(name) || own.has(name)) {
      const message = `Cannot use ${show(name)} as a label: letters, digits and _ that no metric has`;
      throw new LookasideError("ERR_OPTION", message);
    }
    if (typeof value !== "string") {
      const message = `Cannot use ${show(value)} as label ${show(name)}: it must be a text`;
      throw new LookasideError("ERR_OPTION", message);
    }
    return `${name}=${quoted(value)}`;
  });
}

function line(name: string, labels: Labels, common: readonly string[], value: number): string {
  const own = Object.entries(labels).map(([label, text]) => `${label}=${quoted(text)}`);
  const all = [...own, ...common];
  return `${name}${all.length === 0 ? "" : `{${all.join(",")}}`} ${value}`;
}

function family(metric: Metric, snapshot: Snapshot, common: readonly string[]): string[] {
  const points = metric.points(snapshot);
  if (points.length === 0) return [];
  const name = prometheusName(metric);
  return [
    `# HELP ${name} ${metric.help}`,
    `# TYPE ${name} ${metric.kind === "counter" ? "counter" : "gauge"}`,
    ...points.map(({ labels, value }) => line(name, labels, common, value)),
  ];
}

/**
 * A snapshot in the text format of Prometheus: what `GET /metrics` answers.
 *
 * @example
 * ```ts
 * const system = System.create();
 * const server = createServer((_, response) => {
 *   response.setHeader("content-type", PROMETHEUS_CONTENT_TYPE);
 *   response.end(prometheusText(system.snapshot()));
 * });
 * server.listen(0, "127.0.0.1"); // or the port that the Prometheus server is told
 * // … until the program ends
 * server.close();
 * system.detach();
 * ```
 * @throws {LookasideError} ERR_OPTION for labels that cannot be, and options that there are not
 */
export function prometheusText(snapshot: Snapshot, options: PrometheusOptions = {}): string {
  const common = commonLabels(options);
  return `${METRICS.flatMap((metric) => family(metric, snapshot, common)).join("\n")}\n`;
}
