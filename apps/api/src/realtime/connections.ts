import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { realtimeCloseCode } from "@pregonero/contracts";
import { sleep, type Logger } from "@pregonero/runtime";
import type { WebSocket } from "ws";
import { Connection } from "./connection.ts";
import type { Dialect, RealtimePrincipal } from "./dialect.ts";
import { takesDeflated } from "./handshake.ts";
import { passGate, sendAway, type Authentication } from "./gate.ts";
import type { ChosenDialect, DialectName } from "./open-dialects.ts";
import type { RealtimeOptions } from "./options.ts";
import type { RealtimeMetrics } from "./realtime-metrics.ts";

export interface ConnectionsOptions {
  readonly auth: Authentication;
  readonly log: Logger;
  readonly options: RealtimeOptions;
  readonly metrics: RealtimeMetrics;
}

export interface Arrival {
  readonly socket: WebSocket;
  /** The stream that carries it. */
  readonly raw: Duplex;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly dialect: ChosenDialect;
}

/** A connection as an admin sees it. */
export interface ConnectionRow {
  readonly connection: Connection;
  readonly dialect: DialectName;
  readonly principal: RealtimePrincipal;
  readonly subscriptions: number;
}

interface Present {
  readonly name: DialectName;
  readonly principal: RealtimePrincipal;
  readonly dialect: Dialect;
}

/** After a restart clients come back spread out: so many ms for each of them, but no longer than … */
const returnMsEach = 5;
const longestReturnMs = 10_000;

/** What has ended is looked at so often until the check finds so as well. */
const afterEndMs = 1_000;

/** All open connections of this process: how many there may be, whether they live, and their common end. */
export class Connections {
  readonly #config: ConnectionsOptions;
  /** With whom, once that is known. */
  readonly #open = new Map<Connection, Present | undefined>();
  readonly #perTenant = new Map<number, number>();
  readonly #heartbeat: NodeJS.Timeout;
  #closing = false;

  constructor(config: ConnectionsOptions) {
    this.#config = config;
    const beat = () => {
      for (const connection of this.#open.keys()) connection.heartbeat();
    };
    this.#heartbeat = setInterval(beat, config.options.heartbeatMs);
  }

  get admits(): boolean {
    return !this.#closing && this.#open.size < this.#config.options.maxConnections;
  }

  /** From the handshake to the last frame. Never rejects. */
  async serve({ socket, raw, request, url, dialect: { name, open } }: Arrival): Promise<void> {
    const { auth, log, options, metrics } = this.#config;
    const deflates = takesDeflated(socket, request);
    const connection = new Connection({ socket, raw, deflates }, options, metrics);
    this.#open.set(connection, undefined);
    metrics.connections.set(this.#open.size);
    connection.onClose(() => {
      this.#open.delete(connection);
      metrics.connections.set(this.#open.size);
    });
    const admitted = await passGate(connection, request, url, { auth, log, authMs: options.authMs });
    if (!admitted || !connection.open) return;
    const { principal, recheck } = admitted;
    if (!this.#enter(connection, principal.tenantId)) return;
    this.#keepChecking(connection, recheck, principal.expiresAt);
    const dialect = open(connection, principal);
    this.#open.set(connection, { name, principal, dialect });
    connection.onClose(() => dialect.closed());
    connection.onFrame((text) => dialect.received(text));
  }

  rowsOf(tenantId: number): ConnectionRow[] {
    const rows: ConnectionRow[] = [];
    for (const [connection, present] of this.#open) {
      if (present?.principal.tenantId !== tenantId) continue;
      const { name, principal, dialect } = present;
      rows.push({ connection, dialect: name, principal, subscriptions: dialect.subscriptions });
    }
    return rows;
  }

  /** Tells everybody goodbye; who does not leave in time is cut off. */
  async close(message: string): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    const spreadMs = Math.min(longestReturnMs, this.#open.size * returnMsEach);
    for (const connection of this.#open.keys()) {
      const reconnect_ms = Math.round(100 + Math.random() * spreadMs);
      connection.sendJson({ type: "bye", message, reconnect_ms });
      connection.close(realtimeCloseCode.serviceRestart, "service restart");
    }
    const deadline = performance.now() + this.#config.options.byeMs;
    while (this.#open.size > 0 && performance.now() < deadline) await sleep(10);
    for (const connection of this.#open.keys()) connection.terminate();
  }

  /** Spread out by chance: after a deploy everybody comes back at the same time. */
  #keepChecking(connection: Connection, recheck: () => Promise<boolean>, expiresAt?: Date): void {
    const { log, options } = this.#config;
    let timer: NodeJS.Timeout;
    const later = (): void => {
      const laterMs = options.recheckMs * (0.75 + Math.random() / 2);
      // Credentials that say when they end are looked at right then; clocks may differ, so not only once.
      const leftMs = expiresAt ? expiresAt.getTime() - Date.now() : Infinity;
      const waitMs = leftMs > 0 ? Math.min(laterMs, leftMs) : Math.min(laterMs, afterEndMs);
      if (connection.open) timer = setTimeout(check, waitMs);
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
