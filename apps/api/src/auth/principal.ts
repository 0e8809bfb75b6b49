import type { Role } from "@pregonero/contracts";

/** Who a request comes from. */
export interface Principal {
  readonly tenantId: number;
  readonly role: Role;
  /** For the audit log and `created_by`: `key:<name>`, `jwt:<subject>` or `local`. */
  readonly actor: string;
  /** The credentials are good no longer than that. */
  readonly expiresAt?: Date | undefined;
}

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

export function mayActAs(principal: Principal, role: Role): boolean {
  return rank[principal.role] >= rank[role];
}
