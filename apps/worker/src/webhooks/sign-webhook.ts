import { createHmac } from "node:crypto";

/**
 * The value of the signature header: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, with a v1 for each secret. The
 * time is signed as well, so that a delivery that somebody has caught cannot be posted again later.
 */
export function signWebhook(secrets: readonly string[], atSeconds: number, body: string): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac("sha256", secret).update(`${atSeconds}.${body}`).digest("hex")}`,
  );
  return [`t=${atSeconds}`, ...signatures].join(",");
}
