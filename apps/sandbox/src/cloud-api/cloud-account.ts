import { randomUUID } from "node:crypto";
import type { GatewayFaults } from "../gateway/gateway-faults.ts";
import { PairLimit, Throughput } from "../gateway/rate-limits.ts";
import { ackStatuses, heldBackMs } from "../gateway/status-timing.ts";
import { WebhookOutlet, type OutletCounts } from "../gateway/webhook-outlet.ts";
import type { Inbound } from "../network/device.ts";
import type { Network } from "../network/network.ts";
import type { Timers } from "../network/timers.ts";
import type { CloudFaultSettings } from "./fault-settings.ts";
import { GraphError } from "./graph-error.ts";
import type { CloudMessage } from "./message.ts";
import { renderNotifications, signatureHeader, type Contact, type Notification } from "./notifications.ts";
import type { Registration, Template } from "./registration.ts";

export interface CloudParts {
  readonly network: Network;
  readonly faults: GatewayFaults<CloudFaultSettings>;
  readonly timers: Timers;
}

type Status = "sent" | "delivered" | "read" | "failed";

interface Accepted {
  readonly id: string;
  readonly message: CloudMessage;
}

/** Looks like WhatsApp's: the number and a random part, in base64. */
export const newWamid = (phone: string): string =>
  `wamid.${Buffer.from(`\x1c\x18${phone}\x15\x02${randomUUID().slice(9)}`).toString("base64")}`;

const nowS = (): number => Math.floor(Date.now() / 1000);

/** One registered number: what it may send, and the line on which its webhook hears of it. */
export class CloudAccount {
  readonly id: string;
  readonly #parts: CloudParts;
  readonly #outlet: WebhookOutlet<Notification>;
  readonly #pairs = new PairLimit();
  readonly #throughput = new Throughput();
  /** When each number last wrote, ms of the monotonic clock. */
  readonly #wroteAt = new Map<string, number>();
  #registration: Registration;
  #accepted = 0;

  constructor(id: string, registration: Registration, parts: CloudParts) {
    this.id = id;
    this.#registration = registration;
    this.#parts = parts;
    this.#outlet = new WebhookOutlet({
      timers: parts.timers,
      settings: () => parts.faults.settings.webhook,
      batchMax: 1_000,
      render: (notifications) => renderNotifications(this.#registration, id, notifications),
      target: (body) => {
        const { webhook_url, app_secret } = this.#registration;
        return webhook_url === null ? null : { url: webhook_url, headers: signatureHeader(app_secret, body) };
      },
    });
  }

  get registration(): Registration {
    return this.#registration;
  }

  get templates(): readonly Template[] {
    return this.#registration.templates;
  }

  get counts(): { readonly accepted: number; readonly webhooks: OutletCounts } {
    return { accepted: this.#accepted, webhooks: this.#outlet.counts };
  }

  register(registration: Registration): void {
    this.#registration = registration;
  }

  close(): void {
    this.#outlet.close();
  }

  /** A text from anybody on the network. */
  receive({ phone, text, at }: Inbound): void {
    const from = phone ?? "";
    const message = { from, id: newWamid(from), timestamp: String(at), type: "text", text: { body: text } };
    this.hear(message, { waId: from, name: `Phone ${from}` });
  }

  /** A message in the webhook's words; its sender may from now on be written to without a template. */
  hear(message: object, contact: Contact): void {
    this.#wroteAt.set(contact.waId, performance.now());
    this.#outlet.tell({ kind: "message", message, contact });
  }

  /**
   * Takes the message and returns its wamid. The same message handed in twice is two messages.
   * @throws GraphError when it is refused. It may have gone out all the same if a fault says so.
   */
  accept(message: CloudMessage): string {
    if (message.to === this.#registration.phone) throw new GraphError(131021);
    const rule = this.#parts.faults.failing(this.#registration.phone, message.to);
    const injected =
      rule === undefined
        ? null
        : new GraphError(rule.code, { details: rule.details, status: rule.http_status });
    if (injected !== null && rule?.as === "answer") {
      if (rule.delivered) this.#send(this.#take(message));
      throw injected;
    }
    this.#refuse(message.to);
    const accepted = this.#take(message);
    const failure = injected ?? this.#failure(message);
    if (failure !== null) this.#tell(accepted, "failed", nowS(), failure);
    if (failure === null || rule?.delivered === true) this.#send(accepted);
    return accepted.id;
  }

  /** @throws GraphError for what WhatsApp refuses before it takes a message. */
  #refuse(to: string): void {
    const { network, faults } = this.#parts;
    const { phone, throughput_per_s } = this.#registration;
    const { unregistered, pair_limit, ...settings } = faults.settings;
    const ban = network.accounts.get(phone)?.ban ?? null;
    if (ban !== null && (ban.kind === "permanent" || ban.sends === "error"))
      throw new GraphError(ban.kind === "permanent" ? 131031 : 368, { details: ban.reason });
    const now = performance.now();
    if (!this.#throughput.take(throughput_per_s ?? settings.throughput_per_s, now))
      throw new GraphError(130429, {
        details: "Message failed to send because there were too many messages",
      });
    if (pair_limit !== null) {
      const limit = { everyMs: pair_limit.every_ms, burst: pair_limit.burst };
      if (!this.#pairs.take(to, now, limit))
        throw new GraphError(131056, { details: "Wait for this recipient" });
    }
    if (unregistered === "answer" && !network.faults.isRegistered(to)) throw new GraphError(131026);
  }

  /** Why a message that was taken fails nevertheless. */
  #failure({ to, isTemplate }: CloudMessage): GraphError | null {
    const { network, faults } = this.#parts;
    if (!network.faults.isRegistered(to)) return new GraphError(131026);
    const windowMs = faults.settings.service_window_ms;
    if (isTemplate || windowMs === null) return null;
    const wroteAt = this.#wroteAt.get(to) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - wroteAt <= windowMs) return null;
    return new GraphError(131047, {
      details:
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    });
  }

  #take(message: CloudMessage): Accepted {
    this.#accepted += 1;
    return { id: newWamid(message.to), message };
  }

  #send(accepted: Accepted): void {
    const { to, text, file } = accepted.message;
    const sender = {
      phone: this.#registration.phone,
      tell: ({ ack, at }: { readonly ack: 1 | 2 | 3; readonly at: number }) =>
        this.#tell(accepted, ackStatuses[ack], at),
    };
    this.#parts.network.send(sender, { messageId: accepted.id, to: `${to}@c.us`, text, file }, (reply) => {
      if (reply.result === "OK") this.#tell(accepted, "sent", nowS());
      else this.#tell(accepted, "failed", nowS(), new GraphError(131000, { details: reply.result }));
    });
  }

  #tell({ id, message }: Accepted, status: Status, at: number, error?: GraphError): void {
    const { network, faults } = this.#parts;
    const afterMs = heldBackMs(id, status, faults.settings.webhook, network.faults.settings);
    if (afterMs === null) return;
    const told = {
      id,
      status,
      timestamp: String(at),
      recipient_id: message.to,
      ...(message.callbackData === null ? {} : { biz_opaque_callback_data: message.callbackData }),
      ...(error === undefined ? {} : { errors: [error.toWebhook()] }),
    };
    this.#outlet.tell({ kind: "status", status: told }, afterMs);
  }
}
