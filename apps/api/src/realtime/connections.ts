import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { realtimeCloseCode } from "@pregonero/contracts";
import { sleep, type Logger } from "@pregonero/runtime";
import type { WebSocket } from "ws";
import { Connection } from "./connection.ts";
import type { OpenDialect } from "./dialect.ts";
import { passGate, sendAway, type Authentication } from "./gate.ts";
import type { RealtimeOptions } from "./options.ts";
import type { RealtimeMetrics } from "./realtime-metrics.ts";

export interface ConnectionsOptions {
  readonly auth: Authentication;
  readonly log: Logger;
  readonly options: RealtimeOptions;
  readonly metrics: RealtimeMetrics;
}

/** All open connections of this process: how many there may be, whether they live, and their common end. */
export class Connections {
  readonly #config: ConnectionsOptions;
  readonly #open = new Set<Connection>();
  readonly #perTenant = new Map<number, number>();
  readonly #heartbeat: NodeJS.Timeout;
  #closing = false;

  constructor(config: ConnectionsOptions) {
    this.#config = config;
    const beat = () => {
      for (const connection of this.#open) connection.heartbeat();
    };
    this.#heartbeat = setInterval(beat, config.options.heartbeatMs);
  }

  get admits(): boolean {
    return !this.#closing && this.#open.size < this.#config.options.maxConnections;
  }

  /** From the handshake to the last frame. Never rejects. */
  async serve(
    socket: WebSocket,
    raw: Duplex,
    request: IncomingMessage,
    url: URL,
    openDialect: OpenDialect,
  ): Promise<void> {
    const { auth, log, options, metrics } = this.#config;
    const connection = new Connection(socket, raw, options, metrics);
    this.#open.add(connection);
    metrics.connections.set(this.#open.size);
    connection.onClose(() => {
      this.#open.delete(connection);
      metrics.connections.set(this.#open.size);
    });
    const admitted = await passGate(connection, request, url, { auth, log, authMs: options.authMs });
    if (!admitted || !connection.open) return;
    const { principal, recheck } = admitted;
    if (!this.#enter(connection, principal.tenantId)) return;
    this.#keepChecking(connection, recheck);
    const dialect = openDialect(connection, principal);
    connection.onClose(() => dialect.closed());
    connection.onFrame((text) => dialect.received(text));
  }

  /** Tells everybody goodbye; who does not leave in time is cut off. */
  async close(bye: object): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    for (const connection of this.#open) {
      connection.sendJson(bye);
      connection.close(realtimeCloseCode.serviceRestart, "service restart");
    }
    const deadline = performance.now() + this.#config.options.byeMs;
    while (this.#open.size > 0 && performance.now() < deadline) await sleep(10);
    for (const connection of this.#open) connection.terminate();
  }

  /** Spread out by chance: after a deploy everybody comes back at the same time. */
  #keepChecking(connection: Connection, recheck: () => Promise<boolean>): void {
    const { log, options } = this.#config;
    let timer: NodeJS.Timeout;
    const later = (): void => {
      if (connection.open) timer = setTimeout(check, options.recheckMs * (0.75 + Math.random() / 2));
    };
    const check = (): void => {
      recheck().then(
        (good) => (good ? later() : sendAway(connection, "credentials are not valid any more")),
        (error: unknown) => {
          log.warn("credentials of a connection could not be checked again", { error });
          later();
        },
      );
    };
    later();
    connection.onClose(() => clearTimeout(timer));
  }

  #enter(connection: Connection, tenantId: number): boolean {
    const present = this.#perTenant.get(tenantId) ?? 0;
    if (present >= this.#config.options.maxConnectionsPerTenant) {
      connection.close(realtimeCloseCode.tryAgainLater, "too many connections");
      return false;
    }
    this.#perTenant.set(tenantId, present + 1);
    connection.onClose(() => {
      const left = (this.#perTenant.get(tenantId) ?? 1) - 1;
      if (left > 0) this.#perTenant.set(tenantId, left);
      else this.#perTenant.delete(tenantId);
    });
    return true;
  }
}
