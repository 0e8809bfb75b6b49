import { apiKeyPrefix, findKeyHolder, findTenantId, type Database } from "@pregonero/db";
import type { IncomingMessage } from "node:http";
import { bringsCredentials, tokenOf } from "./credentials.ts";
import { clockToleranceS, type ReadJwt } from "./jwt.ts";
import type { LocalGuard } from "./local-guard.ts";
import type { Principal } from "./principal.ts";

export interface Authenticator {
  /**
   * Who sent the request; null for nobody that is known. In open mode a local request without credentials is the admin
   * of the first tenant. Rejects when the database cannot be asked.
   */
  authenticate(req: IncomingMessage): Promise<Principal | null>;
  /** Whose API key or JWT this is; null for none that is valid. */
  authenticateToken(token: string): Promise<Principal | null>;
}

export interface AuthenticatorOptions {
  readonly db: Database;
  readonly readJwt: ReadJwt | null;
  /** Set in open mode only: says which requests are local. */
  readonly open: LocalGuard | null;
}

/** The tenant of the embedded mode: the first that the seed makes. */
const localPrincipal: Principal = { tenantId: 1, role: "admin", actor: "local" };

export function createAuthenticator({ db, readJwt, open }: AuthenticatorOptions): Authenticator {
  const authenticateToken = async (token: string): Promise<Principal | null> => {
    if (token.startsWith(apiKeyPrefix)) return await fromApiKey(db, token);
    return readJwt === null ? null : await fromJwt(db, readJwt, token);
  };
  return {
    authenticateToken,
    async authenticate(req) {
      if (open !== null && open(req) !== null) return null;
      if (open !== null && !bringsCredentials(req)) return localPrincipal;
      const token = tokenOf(req);
      return token === null ? null : await authenticateToken(token);
    },
  };
}

async function fromApiKey(db: Database, key: string): Promise<Principal | null> {
  const holder = await findKeyHolder(db, key);
  if (!holder) return null;
  const { tenantId, role, name, expiresAt } = holder;
  return { tenantId, role, actor: `key:${name}`, expiresAt: expiresAt ?? undefined };
}

async function fromJwt(db: Database, readJwt: ReadJwt, token: string): Promise<Principal | null> {
  const claims = await readJwt(token);
  if (!claims) return null;
  const tenantId = await findTenantId(db, claims.tenant);
  if (tenantId === null) return null;
  const { role, sub, exp } = claims;
  const expiresAt = exp === undefined ? undefined : new Date((exp + clockToleranceS) * 1_000);
  return { tenantId, role, actor: `jwt:${sub ?? "?"}`, expiresAt };
}
