export { createAuthenticator, type Authenticator } from "./authenticator.ts";
export { createJwtReader, KeySetUnavailable } from "./jwt.ts";
export { createLocalGuard, isLoopbackAddress, type LocalGuard } from "./local-guard.ts";
export { mayActAs, type Principal } from "./principal.ts";
export { tokenOf } from "./credentials.ts";
