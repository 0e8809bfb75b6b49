import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deviceCredentialsSchema, type DeviceCredentials } from "@pregonero/contracts";
import type { CredentialsKey, CredentialsKeyring } from "./keyring.ts";

/**
 * AES-256-GCM. Layout of a sealed value: 1 byte version, 12 bytes nonce, 16 bytes tag, then the ciphertext of the
 * credentials in JSON. The tenant and the kind of device are authenticated with it, so that a value that is copied to
 * the row of another tenant does not open.
 */
const algorithm = "aes-256-gcm";
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

/** Whose credentials they are. */
export interface CredentialsOwner {
  readonly tenantId: number;
  readonly kind: DeviceCredentials["kind"];
}

export interface SealedCredentials {
  readonly sealed: Buffer;
  readonly keyId: string;
}

/** The stored value does not open: sealed with a key that is not here, changed, or another owner's. */
export class CredentialsUnreadable extends Error {
  override readonly name = "CredentialsUnreadable";
}

export function sealCredentials(
  { id, key }: CredentialsKey,
  tenantId: number,
  credentials: DeviceCredentials,
): SealedCredentials {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData({ tenantId, kind: credentials.kind }));
  const text = Buffer.concat([cipher.update(JSON.stringify(credentials), "utf8"), cipher.final()]);
  return { sealed: Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), text]), keyId: id };
}

/** @throws CredentialsUnreadable, which says why and nothing of what is inside */
export function openCredentials(
  keyring: CredentialsKeyring,
  owner: CredentialsOwner,
  { sealed, keyId }: SealedCredentials,
): DeviceCredentials {
  const key = keyring.byId.get(keyId);
  if (!key) throw new CredentialsUnreadable(`sealed with key ${keyId}, which this process was not given`);
  if (sealed.length < headBytes || sealed[0] !== version) {
    throw new CredentialsUnreadable("not a form that this version knows");
  }
  const decipher = createDecipheriv(algorithm, key.key, sealed.subarray(1, 1 + nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associatedData(owner));
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes));
  const parsed = deviceCredentialsSchema.safeParse(decrypted(decipher, sealed.subarray(headBytes)));
  // Without the issues of the schema: they may repeat what was in it.
  if (!parsed.success) throw new CredentialsUnreadable("the credentials inside are not complete");
  if (parsed.data.kind !== owner.kind) throw new CredentialsUnreadable("for another kind of device");
  return parsed.data;
}

function decrypted(decipher: ReturnType<typeof createDecipheriv>, text: Buffer): unknown {
  try {
    const json = Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
    return JSON.parse(json);
  } catch {
    // The tag did not fit. The cause says no more than that, and must never carry what was decrypted.
    throw new CredentialsUnreadable("changed since, or another owner's");
  }
}

function associatedData({ tenantId, kind }: CredentialsOwner): Buffer {
  return Buffer.from(`pregonero:credentials:${version}:${tenantId}:${kind}`, "utf8");
}
