import { roleSchema } from "@pregonero/contracts";
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { z } from "zod";

/** What the product reads from a token of the CRM. */
const claimsSchema = z.object({
  tenant: z.union([z.string().min(1).max(200), z.int().transform(String)]),
  role: roleSchema,
  sub: z.string().max(200).optional(),
  /** Seconds since 1970. */
  exp: z.number().optional(),
});
type Claims = z.output<typeof claimsSchema>;

/** @returns the claims of a token that is genuine, in time and complete; null for every other. Rejects when the keys cannot be fetched. */
export type ReadJwt = (token: string) => Promise<Claims | null>;

export interface JwtOptions {
  readonly secret?: string | undefined;
  readonly jwksUrl?: string | undefined;
}

const asymmetric = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
/** Clocks of two machines differ by seconds. */
export const clockToleranceS = 30;

/** @returns null when neither a secret nor a key set is configured: then no JWT is accepted. */
export function createJwtReader({ secret, jwksUrl }: JwtOptions): ReadJwt | null {
  // One kind of key, one kind of algorithm: a public key must never be taken for an HMAC secret.
  if (jwksUrl !== undefined) return readerOver(createRemoteJWKSet(new URL(jwksUrl)), asymmetric);
  if (secret !== undefined) return readerOver(new TextEncoder().encode(secret), ["HS256"]);
  return null;
}

function readerOver(key: Uint8Array | JWTVerifyGetKey, algorithms: string[]): ReadJwt {
  const options = { algorithms, clockTolerance: clockToleranceS };
  const verify = async (token: string): Promise<JWTPayload> =>
    (typeof key === "function" ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options))
      .payload;
  return async (token) => {
    try {
      const parsed = claimsSchema.safeParse(await verify(token));
      return parsed.success ? parsed.data : null;
    } catch (error) {
      if (error instanceof errors.JOSEError && !isKeySetTrouble(error)) return null;
      throw new KeySetUnavailable("the key set of JWKS_URL cannot be read", { cause: error });
    }
  };
}

/** Tokens cannot be checked at the moment. */
export class KeySetUnavailable extends Error {
  override readonly name = "KeySetUnavailable";
}

/** Then it is not the token that is wrong. */
function isKeySetTrouble(error: errors.JOSEError): boolean {
  return ["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID"].includes(error.code);
}
