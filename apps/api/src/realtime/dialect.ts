import type { Connection } from "./connection.ts";

/** Who is at the other end. */
export interface RealtimePrincipal {
  readonly tenantId: number;
  readonly role: "viewer" | "operator" | "admin";
}

/** What a connection speaks: frames in, frames out. One object for each connection. */
export interface Dialect {
  /** @param text undefined for a binary frame */
  received(text: string | undefined): void;
  closed(): void;
}

export type OpenDialect = (connection: Connection, principal: RealtimePrincipal) => Dialect;
