import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger, Metrics } from "@pregonero/runtime";
import { WebSocketServer } from "ws";
import { BulkJobsDialect } from "./bulk-jobs/bulk-jobs-dialect.ts";
import { JobNewsEncoder } from "./bulk-jobs/job-news-encoder.ts";
import { Connections } from "./connections.ts";
import type { OpenDialect } from "./dialect.ts";
import type { Authentication } from "./gate.ts";
import { chooseSubprotocol, originAllowed, refuseUpgrade, requestUrl } from "./handshake.ts";
import { JobWatches, type EventSource } from "./jobs/job-watches.ts";
import type { ReadProgress } from "./jobs/progress-reader.ts";
import { defaultRealtimeOptions, type RealtimeOptions } from "./options.ts";
import { createRealtimeMetrics } from "./realtime-metrics.ts";

export interface RealtimeDeps extends Authentication {
  readonly readProgress: ReadProgress;
  readonly bus: EventSource;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "counter" | "gauge">;
  readonly options?: Partial<RealtimeOptions>;
}

export interface Realtime {
  /** Says `bye` to every client and closes. Call it before `server.close()`, which waits for open sockets. */
  close(): Promise<void>;
}

const jobPath = /^\/ws\/job\/([^/]+)$/;

/**
 * Serves WebSockets on `server`: `/ws` and `/ws/job/{id}` in the "bulk jobs" contract. Other upgrades get 404. Holds
 * nothing that another instance would need.
 */
export function attachRealtime(server: Server, deps: RealtimeDeps): Realtime {
  const options = { ...defaultRealtimeOptions, ...deps.options };
  const metrics = createRealtimeMetrics(deps.metrics);
  const { bus, log, readProgress } = deps;
  const watches = new JobWatches({
    bus,
    readProgress,
    log,
    pollMs: options.pollMs,
    lateMs: options.lateMs,
    onCaughtUp: () => metrics.caughtUp.inc(),
    onCount: (watched) => metrics.watchedJobs.set(watched),
  });
  const connections = new Connections({ auth: deps, log, options, metrics });
  const encoder = new JobNewsEncoder();
  const bulkJobs = { watches, bus, encoder, maxSubscriptions: options.maxSubscriptions };
  const dialectOf = (path: string): OpenDialect | undefined => {
    const jobId = jobPath.exec(path)?.[1];
    if (path !== "/ws" && jobId === undefined) return undefined;
    return (connection, principal) => new BulkJobsDialect(connection, principal, bulkJobs, jobId);
  };

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxFrameBytes,
    // Compression costs five times the CPU and memory; prepared frames rely on its absence.
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: chooseSubprotocol,
  });
  const upgrade = (request: IncomingMessage, raw: Duplex, head: Buffer): void => {
    raw.on("error", () => raw.destroy());
    const url = requestUrl(request);
    const open = url && dialectOf(url.pathname);
    if (!url || !open) return refuseUpgrade(raw, 404, "There is no WebSocket here; try /ws");
    if (!originAllowed(request, options.allowedOrigins))
      return refuseUpgrade(raw, 403, "This origin is not on the allow-list");
    if (!connections.admits) return refuseUpgrade(raw, 503, "Too many connections, try again later");
    sockets.handleUpgrade(request, raw, head, (socket) => {
      void connections.serve(socket, raw, request, url, open);
    });
  };
  server.on("upgrade", upgrade);
  return {
    async close() {
      server.off("upgrade", upgrade);
      await connections.close({ type: "bye", message: "The server restarts, connect again" });
      await watches.close();
    },
  };
}
