import { createHash, randomUUID } from "node:crypto";
import type { GatewayFaults } from "../gateway/gateway-faults.ts";
import { Throughput } from "../gateway/rate-limits.ts";
import { ackStatuses, heldBackMs } from "../gateway/status-timing.ts";
import { WebhookOutlet, type OutletCounts } from "../gateway/webhook-outlet.ts";
import type { Inbound } from "../network/device.ts";
import type { Network } from "../network/network.ts";
import type { Timers } from "../network/timers.ts";
import type { WablasFaultSettings } from "./fault-settings.ts";
import { Refusal } from "./refusal.ts";
import type { Registration } from "./registration.ts";
import type { WablasMessage } from "./send-request.ts";

export interface WablasParts {
  readonly network: Network;
  readonly faults: GatewayFaults<WablasFaultSettings>;
  readonly timers: Timers;
}

/** A message that was taken. */
export interface Accepted extends WablasMessage {
  readonly id: string;
}

interface WablasInbound {
  /** E.164 digits. */
  readonly from: string;
  readonly name: string;
  readonly message: string;
  /** `text`, `image`, … */
  readonly messageType: string;
  /** Where the file of the message is. */
  readonly url?: string | undefined;
  readonly mimeType?: string | undefined;
}

interface Post {
  readonly kind: "tracking" | "incoming";
  readonly body: object;
}

type Status = "sent" | "delivered" | "read" | "reject";

const notOnWhatsApp = "The number is not registered on WhatsApp";

/** One registered device: what it may send, and the line on which its webhooks hear of it. */
export class WablasDevice {
  readonly token: string;
  /** The id under which answers and webhooks know the device. */
  readonly serial: string;
  readonly #parts: WablasParts;
  readonly #outlet: WebhookOutlet<Post>;
  readonly #throughput = new Throughput();
  #registration: Registration;
  #quota: number;
  #accepted = 0;

  constructor(token: string, registration: Registration, parts: WablasParts) {
    this.token = token;
    this.serial = createHash("sha256").update(token).digest("hex").slice(0, 6).toUpperCase();
    this.#registration = registration;
    this.#quota = registration.quota;
    this.#parts = parts;
    this.#outlet = new WebhookOutlet({
      timers: parts.timers,
      settings: () => parts.faults.settings.webhook,
      // Wablas posts each thing alone.
      batchMax: 1,
      render: ([post]) => JSON.stringify(post?.body),
      target: (_body, [post]) => {
        const { webhook_url, tracking_url } = this.#registration;
        const url = post?.kind === "tracking" ? (tracking_url ?? webhook_url) : webhook_url;
        return url === null ? null : { url, headers: {} };
      },
    });
  }

  get registration(): Registration {
    return this.#registration;
  }

  /** Messages that may still be sent. */
  get quota(): number {
    return this.#quota;
  }

  get counts(): { readonly accepted: number; readonly webhooks: OutletCounts } {
    return { accepted: this.#accepted, webhooks: this.#outlet.counts };
  }

  register(registration: Registration): void {
    this.#registration = registration;
    this.#quota = registration.quota;
  }

  close(): void {
    this.#outlet.close();
  }

  /** A text from anybody on the network. */
  receive({ phone, text }: Inbound): void {
    const from = phone ?? "";
    this.hear({ from, message: text, messageType: "text", name: `Phone ${from}` });
  }

  /** Tells the webhook of a message from outside. @returns its id */
  hear({ from, message, messageType, name, url = "", mimeType = "" }: WablasInbound): string {
    const id = randomUUID();
    const body = {
      id,
      pushName: name,
      isGroup: false,
      group: { group_id: "", sender: "", subject: "", owner: "", desc: "", participants: [] },
      message,
      phone: from,
      messageType,
      file: url === "" ? "" : (url.split("/").at(-1) ?? ""),
      url,
      mimeType,
      deviceId: this.serial,
      sender: this.#registration.phone,
      timestamp: new Date().toISOString(),
    };
    this.#outlet.tell({ kind: "incoming", body });
    return id;
  }

  /**
   * Takes all of the messages or none. The same message handed in twice is two messages: `ref_id` is only carried.
   * @throws Refusal. They may have gone out all the same if a fault says so.
   */
  accept(messages: readonly WablasMessage[]): Accepted[] {
    const { faults } = this.#parts;
    const rules = messages.map(({ phone }) => faults.failing(this.#registration.phone, phone));
    const refusal = rules.find((rule) => rule?.as === "answer");
    if (refusal !== undefined) {
      if (refusal.delivered) for (const message of messages) this.#send(this.#take(message));
      const status = refusal.http_status ?? refusal.code ?? null;
      throw new Refusal(refusal.details ?? "Something went wrong", status);
    }
    this.#refuse(messages.length);
    return messages.map((message, index) => {
      const accepted = this.#take(message);
      const rule = rules[index];
      const note = rule === undefined ? this.#failure(message) : (rule.details ?? "Something went wrong");
      if (note !== null) this.#tell(accepted, "reject", note);
      if (note === null || rule?.delivered === true) this.#send(accepted);
      return accepted;
    });
  }

  /** @throws Refusal */
  #refuse(count: number): void {
    const { network, faults } = this.#parts;
    const { phone, status, throughput_per_s } = this.#registration;
    const ban = network.accounts.get(phone)?.ban ?? null;
    const isOut = ban !== null && (ban.kind === "permanent" || ban.sends === "error");
    if (status === "disconnected" || isOut) throw new Refusal("Device is disconnected, scan the QR code");
    if (this.#quota < count) throw new Refusal("Your quota is not enough");
    const perSecond = throughput_per_s ?? faults.settings.throughput_per_s;
    if (!this.#throughput.take(perSecond, performance.now(), count))
      throw new Refusal("Too Many Attempts.", 429);
  }

  /** Why a message that was taken comes to nothing. */
  #failure({ phone }: WablasMessage): string | null {
    return this.#parts.network.faults.isRegistered(phone) ? null : notOnWhatsApp;
  }

  #take(message: WablasMessage): Accepted {
    this.#accepted += 1;
    this.#quota = Math.max(0, this.#quota - 1);
    return { id: randomUUID(), ...message };
  }

  #send(accepted: Accepted): void {
    const sender = {
      phone: this.#registration.phone,
      tell: ({ ack }: { readonly ack: 1 | 2 | 3 }) => this.#tell(accepted, ackStatuses[ack]),
    };
    const message = {
      messageId: accepted.id,
      to: `${accepted.phone}@c.us`,
      text: accepted.message,
      file: accepted.file,
    };
    this.#parts.network.send(sender, message, (reply) => {
      if (reply.result === "OK") this.#tell(accepted, "sent");
      else this.#tell(accepted, "reject", reply.result);
    });
  }

  #tell({ id, phone, refId }: Accepted, status: Status, note = ""): void {
    const { network, faults } = this.#parts;
    const { webhook, tracking_ref_id } = faults.settings;
    const afterMs = heldBackMs(id, status, webhook, network.faults.settings);
    if (afterMs === null) return;
    const ref = tracking_ref_id ? { ref_id: refId } : {};
    const body = { id, phone, status, note, deviceId: this.serial, ...ref };
    this.#outlet.tell({ kind: "tracking", body }, afterMs);
  }
}
