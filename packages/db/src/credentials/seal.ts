import { deviceCredentialsSchema, type DeviceCredentials } from "@pregonero/contracts";
import { CredentialsUnreadable, open, seal, type SealedCredentials } from "./cipher.ts";
import type { CredentialsKey, CredentialsKeyring } from "./keyring.ts";

/** Whose credentials they are: the tenant's, for that kind of device. */
export interface CredentialsOwner {
  readonly tenantId: number;
  readonly kind: DeviceCredentials["kind"];
}

export function sealCredentials(
  key: CredentialsKey,
  tenantId: number,
  credentials: DeviceCredentials,
): SealedCredentials {
  return seal(key, ownerOf({ tenantId, kind: credentials.kind }), JSON.stringify(credentials));
}

/** @throws CredentialsUnreadable, which says why and nothing of what is inside */
export function openCredentials(
  keyring: CredentialsKeyring,
  owner: CredentialsOwner,
  sealed: SealedCredentials,
): DeviceCredentials {
  const parsed = deviceCredentialsSchema.safeParse(JSON.parse(open(keyring, ownerOf(owner), sealed)));
  // Without the issues of the schema: they may repeat what was in it.
  if (!parsed.success) throw new CredentialsUnreadable("the credentials inside are not complete");
  if (parsed.data.kind !== owner.kind) throw new CredentialsUnreadable("for another kind of device");
  return parsed.data;
}

const ownerOf = ({ tenantId, kind }: CredentialsOwner): string => `${tenantId}:${kind}`;
