export {
  InvalidCredentialsKey,
  openKeyring,
  type CredentialsKey,
  type CredentialsKeyring,
} from "./keyring.ts";
export {
  CredentialsUnreadable,
  openCredentials,
  sealCredentials,
  type CredentialsOwner,
  type SealedCredentials,
} from "./seal.ts";
export { readCredentials, resealCredentials, saveCredentials } from "./store.ts";
