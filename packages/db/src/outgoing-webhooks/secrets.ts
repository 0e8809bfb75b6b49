import { randomBytes } from "node:crypto";
import { open, seal, type SealedCredentials } from "../credentials/cipher.ts";
import type { CredentialsKeyring } from "../credentials/keyring.ts";

/** How every secret begins: secret scanners know what they have found. */
const prefix = "whsec_";
const secretBytes = 32;

export function newWebhookSecret(): string {
  return prefix + randomBytes(secretBytes).toString("base64url");
}

export function sealWebhookSecret(
  keyring: CredentialsKeyring,
  endpointId: string,
  secret: string,
): SealedCredentials {
  return seal(keyring.current, ownerOf(endpointId), secret);
}

/** @throws CredentialsUnreadable */
export function openWebhookSecret(
  keyring: CredentialsKeyring,
  endpointId: string,
  sealed: SealedCredentials,
): string {
  return open(keyring, ownerOf(endpointId), sealed);
}

const ownerOf = (endpointId: string): string => `webhook:${endpointId}`;
