import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Whether `X-Hub-Signature-256` is the HMAC-SHA256 of the body's very bytes. Takes as long for any wrong one. */
export function isSigned(body: Buffer, header: string | undefined, appSecret: string): boolean {
  const expected = createHmac("sha256", appSecret).update(body).digest();
  const hex = /^sha256=([\da-f]{64})$/i.exec(header ?? "")?.[1];
  return hex !== undefined && timingSafeEqual(expected, Buffer.from(hex, "hex"));
}

/** Compares secrets of any length without telling where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
