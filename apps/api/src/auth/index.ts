export { createAuthenticator, type Authenticator, type AuthenticatorOptions } from "./authenticator.ts";
export { createJwtReader } from "./jwt.ts";
export { createLocalGuard, isLoopbackAddress, type LocalGuard } from "./local-guard.ts";
export { mayActAs, type Principal } from "./principal.ts";
