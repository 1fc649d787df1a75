/** The door `lookaside/metrics`: snapshots of a system for those who watch it. */
export { DIAGNOSTICS_CHANNELS, publishDiagnostics } from "./diagnostics-node.js";
export {
  LABEL_ATTRIBUTES,
  type LabelName,
  type Labels,
  METRICS,
  type Metric,
  type MetricKind,
  type Point,
  prometheusName,
} from "./metric-table.js";
export { type MeterLike, observeWithMeter } from "./opentelemetry.js";
export {
  type PromClientLike,
  type PromClientOptions,
  type PromRegistryLike,
  registerWithPromClient,
} from "./prom-client.js";
export {
  PROMETHEUS_CONTENT_TYPE,
  type PrometheusOptions,
  prometheusText,
} from "./prometheus-text.js";
