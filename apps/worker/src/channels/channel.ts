import type { InboundMessage } from "@pregonero/chat";

/**
 * What the dispatcher needs of a way to send. WhatsApp Web, the Cloud API and Wablas each implement this and nothing
 * above knows which of them it talks to.
 */

/** Connection states as they are stored in `devices.state` and shown to clients. */
export type ConnectionState = "disconnected" | "connecting" | "qr" | "connected" | "error";

/** How far a message has come, as the provider tells it. Ranks only grow: pending < sent < delivered < read. */
export type Ack = "failed" | "pending" | "sent" | "delivered" | "read";

export interface OutgoingMessage {
  /** Our id of the row in `messages` (UUID). */
  readonly messageId: string;
  /** The id that we choose before the send and that the provider keeps; unique per attempt. */
  readonly providerMessageId: string;
  /** E.164 digits without `+`. */
  readonly to: string;
  readonly content: MessageContent;
  /**
   * Past this instant of the process's monotonic clock (`performance.now()`, ms) the send must not begin: the lease
   * under which the message was claimed may be another worker's by then.
   */
  readonly notAfterMs: number;
}

/** What is sent. A channel that cannot carry a kind refuses it as `rejected`. */
export type MessageContent = TextContent | TemplateContent | MediaContent | FileContent;

interface TextContent {
  readonly kind: "text";
  readonly text: string;
}

/** A template that WhatsApp has approved, with its parameters for this recipient. */
export interface TemplateContent {
  readonly kind: "template";
  readonly name: string;
  /** As WhatsApp spells it: `es`, `pt_BR`. */
  readonly language: string;
  readonly components: readonly TemplateComponent[];
}

/** Rendered already, in the form in which the Cloud API takes it. */
type TemplateComponent =
  | { readonly type: "header" | "body"; readonly parameters: readonly TemplateParameter[] }
  | {
      readonly type: "button";
      readonly sub_type: "url" | "quick_reply" | "copy_code";
      /** Position of the button in the template, from "0". */
      readonly index: string;
      readonly parameters: readonly TemplateParameter[];
    };

type TemplateParameter =
  /** Positional, or named when the template names its parameters. */
  | { readonly type: "text"; readonly text: string; readonly parameter_name?: string | undefined }
  | { readonly type: "image"; readonly image: MediaLink }
  | { readonly type: "video"; readonly video: MediaLink }
  | { readonly type: "document"; readonly document: MediaLink & { readonly filename?: string | undefined } }
  | { readonly type: "payload"; readonly payload: string }
  | { readonly type: "coupon_code"; readonly coupon_code: string };

interface MediaLink {
  readonly link: string;
}

/** A file that the provider fetches from an address of its own accord. */
export interface MediaContent {
  readonly kind: "media";
  readonly mediaType: "image" | "document" | "video" | "audio";
  readonly link: string;
  /** Not for audio. */
  readonly caption?: string | undefined;
  /** Only for documents. */
  readonly filename?: string | undefined;
}

/** A file of ours, whose bytes the channel asks for when it sends it. */
export interface FileContent {
  readonly kind: "file";
  readonly tenantId: number;
  /** `chat_media.id` */
  readonly mediaId: string;
  /** Not for audio. */
  readonly caption?: string | undefined;
}

/** A file with its bytes, as `openFile` of the channel's options gives it. */
export interface OutgoingFile {
  readonly type: "image" | "video" | "audio" | "document" | "sticker";
  readonly contentType: string;
  readonly filename: string | null;
  readonly bytes: Buffer;
}

/** Null when there is no such file any more. Rejects when the store cannot be asked: nothing was sent then. */
export type OpenFile = (tenantId: number, mediaId: string) => Promise<OutgoingFile | null>;

/** A file that came with a message. */
export interface IncomingFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The file is gone, too large, or must not be fetched: to try again is no use. */
export class MediaUnavailable extends Error {
  override readonly name = "MediaUnavailable";
}

/**
 * How a send ended.
 * - `sent`: the provider has it. `providerRef` is the provider's own name for it, when it gives one: its statuses may
 *   come under that name instead of ours.
 * - `refused`: proved that it was not sent; `failure` says why and what may be done.
 * - `ambiguous`: it may have gone out or not. Never sent again before a lookup proves that it did not.
 */
export type SendOutcome =
  | { readonly kind: "sent"; readonly ack: Exclude<Ack, "failed">; readonly providerRef?: string }
  | { readonly kind: "refused"; readonly failure: SendFailure }
  | { readonly kind: "ambiguous"; readonly reason: string };

export interface SendFailure {
  readonly code: SendFailureCode;
  /** For operators. Holds no message text and no full phone number. */
  readonly detail: string;
  /** The provider's own word on when to try again, in ms. */
  readonly retryAfterMs?: number;
  /** The provider's own error code, as it spells it. */
  readonly providerCode?: string;
}

/**
 * - `not_on_whatsapp`, `invalid_recipient`, `rejected`: this recipient, for good.
 * - `opted_out`: this recipient wants no messages; belongs on the suppression list.
 * - `needs_template`: this recipient, unless it is a template.
 * - `template_rejected`: the template is at fault: every other message of the campaign would be refused too.
 * - `provider_temporary`: try again later (spends an attempt).
 * - `recipient_rate_limited`: this recipient, later (spends an attempt).
 * - `not_started`: the call never began (deadline passed, page not ready): snooze, spends nothing.
 * - `rate_limited`: the device must slow down; nothing is spent.
 * - `device_disconnected`, `device_banned`: the device cannot send now; its share goes to others.
 * - `device_refused`: the device cannot send until somebody puts its account right.
 * - `spam_limited`: the device must stop: the provider takes it for a spammer.
 */
export type SendFailureCode =
  | "not_on_whatsapp"
  | "invalid_recipient"
  | "rejected"
  | "opted_out"
  | "needs_template"
  | "template_rejected"
  | "provider_temporary"
  | "recipient_rate_limited"
  | "not_started"
  | "rate_limited"
  | "device_disconnected"
  | "device_banned"
  | "device_refused"
  | "spam_limited";

/**
 * What the session's own store says of one of our ids. `outbox`: WhatsApp holds it and will still send it.
 * `not_found`: proved not sent (same profile). `dont_know`: the store could not be asked.
 */
export type LookupAnswer = "sent" | "delivered" | "read" | "outbox" | "failed" | "not_found" | "dont_know";

/** What is known of an attempt that a lookup asks about. */
export interface LookupHint {
  /**
   * E.164 digits. WhatsApp's store is read chat by chat: without it, a message that is not in memory is answered with
   * `dont_know`, never with `not_found`.
   */
  readonly to: string;
  /**
   * When the message was claimed. A device that was unlinked and linked again since has a new, empty store, in which
   * not to be found proves nothing. Without it the attempt is taken to belong to the present session.
   */
  readonly attemptedAt?: Date;
}

export type NumberCheck = "yes" | "no" | "dont_know";

/** Told by the channel as things happen; never throws and returns at once. */
export interface ChannelListener {
  stateChanged(state: ConnectionState, reason?: string): void;
  /** The number that the session belongs to (E.164 digits without `+`), told at each login. */
  identified(phone: string): void;
  /** A QR to be shown. `code` is what the QR encodes. A new one comes every 20 s or so. */
  qr(code: string): void;
  ack(providerMessageId: string, ack: Ack, at: Date): void;
  inbound(message: InboundMessage): void;
  /** The provider's word on a ban or a block, in its own code. */
  alert(code: string, detail: string): void;
}

/** What a decision to open a browser context anew is made of. */
export interface ContextUsage {
  readonly sends: number;
  readonly openForMs: number;
  /** Null when it was not measured, or cannot be known. */
  readonly memoryMb: number | null;
}

export interface Channel {
  /** The most sends that may be under way at once. */
  readonly maxInFlight: number;
  /** Unknown outcomes are settled by the provider's webhook: to look them up is no use. */
  readonly settledByWebhook?: boolean;
  /** The provider's webhooks may know a message by the provider's own name alone: it is to be written down. */
  readonly toldByProviderRef?: boolean;
  /** Brings the device up; resolves once the state is known (`connected`, `qr`, …), rejects if it cannot be had. */
  connect(signal: AbortSignal): Promise<void>;
  /** Ends the connection and keeps the session. Safe to call twice. */
  disconnect(): Promise<void>;
  /** What the open browser context has been through; null when none is open. Channels without a browser have none. */
  usage?(measureMemory: boolean): Promise<ContextUsage | null>;
  /** A message to this number will be sent soon: what can be found out ahead may be. Returns at once, never throws. */
  prepare?(to: string): void;
  /** Never rejects: whatever goes wrong is an outcome. */
  send(message: OutgoingMessage): Promise<SendOutcome>;
  /**
   * Answers for every id that it was asked about. Never rejects. Hints make the difference between `not_found` and
   * `dont_know`: see LookupHint.
   */
  lookup(
    providerMessageIds: readonly string[],
    hints?: ReadonlyMap<string, LookupHint>,
  ): Promise<ReadonlyMap<string, LookupAnswer>>;
  checkNumber(phone: string): Promise<NumberCheck>;
  /** A code that the owner of `phone` types into WhatsApp to link this device. Rejects when already linked. */
  requestPairingCode(phone: string): Promise<string>;
  /** Unlinks the device: the session is gone afterwards. */
  logout(): Promise<void>;
  /** Tells the provider that what this number wrote, up to that message, was read. Rejects when it cannot be told. */
  markRead?(phone: string, providerMessageId: string): Promise<void>;
  /**
   * The file of a message that came in; `ref` is what the message told. Rejects with MediaUnavailable when another try
   * is no use.
   */
  fetchMedia?(ref: string, signal: AbortSignal): Promise<IncomingFile>;
}
