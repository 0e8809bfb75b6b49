import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { CredentialsKey, CredentialsKeyring } from "./keyring.ts";

/**
 * AES-256-GCM. Layout of a sealed value: 1 byte version, 12 bytes nonce, 16 bytes tag, then the ciphertext. Whose it is
 * is authenticated with it, so that a value that is copied to the row of another owner does not open.
 */
const algorithm = "aes-256-gcm";
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

export interface SealedCredentials {
  readonly sealed: Buffer;
  readonly keyId: string;
}

/** The stored value does not open: sealed with a key that is not here, changed, or another owner's. */
export class CredentialsUnreadable extends Error {
  override readonly name = "CredentialsUnreadable";
}

/** @param owner names whose secret it is; needed again to open it */
export function seal({ id, key }: CredentialsKey, owner: string, secret: string): SealedCredentials {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData(owner));
  const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return { sealed: Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), text]), keyId: id };
}

/** @throws CredentialsUnreadable, which says why and nothing of what is inside */
export function open(
  keyring: CredentialsKeyring,
  owner: string,
  { sealed, keyId }: SealedCredentials,
): string {
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
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString("utf8");
  } catch {
    // The tag did not fit. The cause says no more than that, and must never carry what was decrypted.
    throw new CredentialsUnreadable("changed since, or another owner's");
  }
}

function associatedData(owner: string): Buffer {
  return Buffer.from(`pregonero:credentials:${version}:${owner}`, "utf8");
}
