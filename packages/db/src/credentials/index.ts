export {
  InvalidCredentialsKey,
  openKeyring,
  type CredentialsKey,
  type CredentialsKeyring,
} from "./keyring.ts";
export { CredentialsUnreadable, type SealedCredentials } from "./cipher.ts";
export { openCredentials, sealCredentials, type CredentialsOwner } from "./seal.ts";
export { readCredentials, resealCredentials, saveCredentials } from "./store.ts";
