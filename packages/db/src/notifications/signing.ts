import { createHmac, type KeyObject } from "node:crypto";

/**
 * A tenant's own secret for the signatures of its notifications: made of the platform's key, stored nowhere, another one
 * when that key is changed.
 */
export function notificationSecret(key: KeyObject, tenantId: number): string {
  const digest = createHmac("sha256", key).update(`notifications:${tenantId}`).digest("base64url");
  return `whsec_${digest}`;
}
