import {
  Counter,
  Gauge,
  Histogram,
  Registry,
  collectDefaultMetrics,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from "prom-client";

export type { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(config: Omit<CounterConfiguration<L>, "registers">): Counter<L>;
  gauge<L extends string = never>(config: Omit<GaugeConfiguration<L>, "registers">): Gauge<L>;
  histogram<L extends string = never>(config: Omit<HistogramConfiguration<L>, "registers">): Histogram<L>;
}

/** A registry of its own (two apps in one process do not mix) with Node's default metrics and the label `service`. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (config) => new Counter({ ...config, registers }),
    gauge: (config) => new Gauge({ ...config, registers }),
    histogram: (config) => new Histogram({ ...config, registers }),
  };
}
