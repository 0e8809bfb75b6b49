import { createHmac } from "node:crypto";
import type { Registration } from "./registration.ts";

/** One thing that a webhook tells: what became of a message, or a message that came in. */
export type Notification =
  | { readonly kind: "status"; readonly status: object }
  | { readonly kind: "message"; readonly message: object; readonly contact: Contact };

export interface Contact {
  /** E.164 digits. */
  readonly waId: string;
  readonly name: string;
}

const contactOf = ({ waId, name }: Contact): object => ({ profile: { name }, wa_id: waId });

/** The body of a post, as `field: messages` of a WhatsApp Business Account. */
export function renderNotifications(
  { phone, business_account_id }: Registration,
  phoneNumberId: string,
  notifications: readonly Notification[],
): string {
  const metadata = { display_phone_number: phone, phone_number_id: phoneNumberId };
  const change = (what: object): object => ({
    value: { messaging_product: "whatsapp", metadata, ...what },
    field: "messages",
  });
  const statuses = notifications.flatMap((one) => (one.kind === "status" ? [one.status] : []));
  const inbound = notifications.flatMap((one) => (one.kind === "message" ? [one] : []));
  const changes = statuses.length === 0 ? [] : [change({ statuses })];
  if (inbound.length > 0) {
    const contacts = inbound.map(({ contact }) => contactOf(contact));
    changes.push(change({ contacts, messages: inbound.map(({ message }) => message) }));
  }
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: business_account_id, changes }],
  });
}

/** HMAC-SHA256 of the body's bytes with the app secret. */
export function signatureHeader(appSecret: string, body: string): Readonly<Record<string, string>> {
  const signature = createHmac("sha256", appSecret).update(body).digest("hex");
  return { "x-hub-signature-256": `sha256=${signature}` };
}
