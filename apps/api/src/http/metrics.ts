import type { Counter, Gauge, Histogram, Metrics } from "@pregonero/runtime";

export interface ApiMetrics {
  readonly duration: Histogram<"method" | "route" | "status">;
  readonly inFlight: Gauge;
  readonly intakeRows: Counter<"result">;
}

export function createApiMetrics(metrics: Metrics): ApiMetrics {
  return {
    duration: metrics.histogram({
      name: "http_request_duration_seconds",
      help: "Time from the first byte of a request to the end of its answer.",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    inFlight: metrics.gauge({ name: "http_requests_in_flight", help: "Requests that have no answer yet." }),
    intakeRows: metrics.counter({
      name: "intake_rows_total",
      help: "Recipients that campaigns and bulk sends brought.",
      labelNames: ["result"],
    }),
  };
}
