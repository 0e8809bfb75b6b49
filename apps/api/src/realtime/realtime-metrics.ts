import type { Counter, Gauge, Metrics } from "@pregonero/runtime";

export interface RealtimeMetrics {
  readonly connections: Gauge;
  readonly watchedJobs: Gauge;
  readonly framesIn: Counter;
  readonly framesOut: Counter;
  readonly framesDropped: Counter;
  readonly caughtUp: Counter;
  readonly closes: Counter<"code">;
}

export function createRealtimeMetrics(metrics: Pick<Metrics, "counter" | "gauge">): RealtimeMetrics {
  const counter = (name: string, help: string) => metrics.counter({ name: `pregonero_ws_${name}`, help });
  const gauge = (name: string, help: string) => metrics.gauge({ name: `pregonero_ws_${name}`, help });
  return {
    connections: gauge("connections", "Open WebSocket connections"),
    watchedJobs: gauge("watched_jobs", "Jobs that open connections are subscribed to"),
    framesIn: counter("frames_in_total", "Frames received"),
    framesOut: counter("frames_out_total", "Frames handed to sockets"),
    framesDropped: counter("frames_dropped_total", "Progress frames that slow clients did not get"),
    caughtUp: counter("caught_up_total", "Times that lost events were made up for from Postgres"),
    closes: metrics.counter({
      name: "pregonero_ws_closes_total",
      help: "Closed connections by close code",
      labelNames: ["code"],
    }),
  };
}
