import { createHash, createSecretKey, type KeyObject } from "node:crypto";

/** A key that credentials are sealed with. A KeyObject prints nothing of itself in logs. */
export interface CredentialsKey {
  /** First 8 hexadecimal digits of the key's SHA-256: says which key sealed a row, tells nothing of the key. */
  readonly id: string;
  readonly key: KeyObject;
}

/** What can be read: sealed with the current key, or with one of those before. New rows are sealed with the current. */
export interface CredentialsKeyring {
  readonly current: CredentialsKey;
  readonly byId: ReadonlyMap<string, CredentialsKey>;
}

/** A key that cannot be one. Its message holds nothing of the key. */
export class InvalidCredentialsKey extends Error {
  override readonly name = "InvalidCredentialsKey";
}

const keyBytes = 32;

/**
 * @param current the key, 32 bytes in base64 (`openssl rand -base64 32`); `CREDENTIALS_KEY`
 * @param former keys used before, with commas between them, for reading only; `CREDENTIALS_KEYS_OLD`
 * @throws InvalidCredentialsKey
 */
export function openKeyring(current: string, former = ""): CredentialsKeyring {
  const key = keyOf("CREDENTIALS_KEY", current);
  const old = former
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => keyOf("CREDENTIALS_KEYS_OLD", part));
  return { current: key, byId: new Map([...old, key].map((one) => [one.id, one])) };
}

function keyOf(name: string, base64: string): CredentialsKey {
  const text = base64.trim();
  // Buffer.from skips what is not base64: a mistyped key must not turn into another key.
  const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
  if (bytes.length !== keyBytes)
    throw new InvalidCredentialsKey(`${name}: must be ${keyBytes} bytes in base64`);
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return { id, key: createSecretKey(bytes) };
}
