import type { Connection } from "./connection.ts";

/** Who is at the other end. */
export interface RealtimePrincipal {
  readonly tenantId: number;
  readonly role: "viewer" | "operator" | "admin";
  /** For the list of connections. */
  readonly actor?: string;
  /** The credentials end then. */
  readonly expiresAt?: Date | undefined;
}

/** What a connection speaks: frames in, frames out. One object for each connection. */
export interface Dialect {
  /** @param text undefined for a binary frame */
  received(text: string | undefined): void;
  closed(): void;
  /** Jobs or channels that it follows. */
  readonly subscriptions: number;
}

export type OpenDialect = (connection: Connection, principal: RealtimePrincipal) => Dialect;
