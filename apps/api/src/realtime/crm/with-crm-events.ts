import type { Connection } from "../connection.ts";
import type { Dialect, RealtimePrincipal } from "../dialect.ts";
import type { CrmRooms } from "./crm-rooms.ts";

/**
 * A connection that gets the events of its tenant's CRM beside what its dialect says. Frames of the two contracts have no
 * type in common, and clients of either pass over types that they do not know.
 */
export function withCrmEvents(
  dialect: Dialect,
  rooms: CrmRooms,
  { connection, principal }: { connection: Connection; principal: RealtimePrincipal },
): Dialect {
  const masked = principal.role === "viewer";
  const leave = rooms.join(principal.tenantId, { masked, send: (out) => connection.send(out) });
  return {
    received: (text) => dialect.received(text),
    closed() {
      leave();
      dialect.closed();
    },
    get subscriptions() {
      return dialect.subscriptions;
    },
  };
}
