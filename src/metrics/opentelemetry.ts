/**
 * Metrics as observable instruments of OpenTelemetry: for programs that export to a collector.
 *
 * A meter of `@opentelemetry/api` is handed in and the package never imported. One callback serves all
 * instruments, so that a collection takes one snapshot.
 */
import type { System } from "../system/index.js";
import {
  LABEL_ATTRIBUTES,
  type LabelName,
  type Labels,
  METRICS,
  type Metric,
  type MetricKind,
} from "./metric-table.js";

type Attributes = Record<string, string>;

/** What is used of an instrument: it is only handed back to its meter. */
// biome-ignore lint/suspicious/noEmptyInterface: opaque
interface InstrumentLike {}

interface InstrumentOptions {
  description?: string;
  unit?: string;
}

/** What a callback reports to. */
interface ResultLike<Instrument> {
  observe(instrument: Instrument, value: number, attributes?: Attributes): void;
}

/** What is used of a meter of `@opentelemetry/api`, version 1: pass the meter itself. */
export interface MeterLike<Instrument extends InstrumentLike = never> {
  createObservableCounter(name: string, options?: InstrumentOptions): Instrument;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): Instrument;
  createObservableGauge(name: string, options?: InstrumentOptions): Instrument;
  addBatchObservableCallback(
    callback: (result: ResultLike<Instrument>) => void,
    instruments: Instrument[],
  ): void;
  removeBatchObservableCallback(
    callback: (result: ResultLike<Instrument>) => void,
    instruments: Instrument[],
  ): void;
}

const MAKERS = {
  counter: "createObservableCounter",
  amount: "createObservableUpDownCounter",
  level: "createObservableGauge",
} as const satisfies Record<MetricKind, keyof MeterLike>;

function attributesOf(labels: Labels): Attributes {
  const attributes: Attributes = {};
  for (const [label, value] of Object.entries(labels) as [LabelName, string][]) {
    attributes[LABEL_ATTRIBUTES[label]] = value;
  }
  return attributes;
}

/**
 * Makes an observable instrument for every metric of a system. Gives back what stops them. A snapshot is
 * taken at each collection and at no other time.
 *
 * @example
 * ```js
 * import { metrics } from "@opentelemetry/api";
 * const stop = observeWithMeter(metrics.getMeter("lookaside"), system);
 * ```
 */
export function observeWithMeter<Instrument extends InstrumentLike>(
  meter: MeterLike<Instrument>,
  system: System,
): () => void {
  const made: [Metric, Instrument][] = METRICS.map((metric) => {
    const { name, help: description, unit } = metric;
    return [metric, meter[MAKERS[metric.kind]](name, { description, unit })];
  });
  const instruments = made.map(([, instrument]) => instrument);
  const callback = (result: ResultLike<Instrument>): void => {
    const snapshot = system.snapshot();
    for (const [metric, instrument] of made) {
      for (const { labels, value } of metric.points(snapshot)) {
        result.observe(instrument, value, attributesOf(labels));
      }
    }
  };
  meter.addBatchObservableCallback(callback, instruments);
  return () => meter.removeBatchObservableCallback(callback, instruments);
}
