import type { WablasCredentials } from "@pregonero/contracts";
import type { OutboundGuard } from "@pregonero/outbound";
import type { Logger } from "@pregonero/runtime";
import { z } from "zod";
import type {
  Channel,
  ChannelListener,
  ConnectionState,
  LookupAnswer,
  IncomingFile,
  NumberCheck,
  OpenFile,
  OutgoingMessage,
  SendFailure,
  SendFailureCode,
  SendOutcome,
} from "../channel.ts";
import { jsonOf } from "../http/answers.ts";
import {
  defaultHttpTimeouts,
  ProviderLink,
  type Account,
  type AddressGuard,
  type HttpTimeouts,
} from "../http/provider-link.ts";
import { Alerts, refusalBefore, refused, unanswered } from "../http/refusals.ts";
import { failureIn, groupOutcome } from "./answer.ts";
import { Grouping, type Waiting } from "./grouping.ts";
import { groupBody, refusalOf } from "./request.ts";
import { fetchWablasFile, fileCall } from "./wablas-files.ts";

export interface WablasOptions {
  /** The most sends under way at once. */
  readonly maxInFlight: number;
  /** The most messages in a call, 1 to 100. */
  readonly groupSize: number;
  /** How long the first message of a call waits for others, ms. */
  readonly groupWaitMs: number;
  /** Rejects when the device has none. */
  readonly readCredentials: () => Promise<WablasCredentials>;
  readonly listener: ChannelListener;
  /** Of an address that a user gave. */
  readonly guard?: AddressGuard | undefined;
  readonly openFile: OpenFile;
  /** Larger files of messages that come in are left where they are. */
  readonly maxMediaBytes: number;
  /** Checks where files of messages that come in lie. */
  readonly mediaGuard: OutboundGuard;
  readonly timeouts?: Partial<HttpTimeouts>;
  readonly log: Logger;
}

const largestGroup = 100;

const deviceSchema = z.object({
  status: z.literal(true),
  data: z.object({
    sender: z.union([z.string(), z.number()]).transform(String).optional().catch(undefined),
    status: z.string(),
    quota: z.union([z.string(), z.number()]).optional().catch(undefined),
    expired_date: z.string().optional().catch(undefined),
  }),
});

/** What the gateway says of a whole call although it may concern a single message of it. */
const ofOneMessage: ReadonlySet<SendFailureCode> = new Set([
  "rejected",
  "invalid_recipient",
  "not_on_whatsapp",
]);

/**
 * Wablas, a gateway that holds the phone's session itself. Accepted messages are told further, and unknown outcomes
 * settled, by its tracking webhook: nothing can be looked up here.
 */
export class WablasChannel implements Channel {
  readonly settledByWebhook = true;
  readonly toldByProviderRef = true;
  readonly maxInFlight: number;
  readonly #options: WablasOptions;
  readonly #timeouts: HttpTimeouts;
  readonly #link: ProviderLink<WablasCredentials>;
  readonly #alerts: Alerts;
  readonly #grouping: Grouping;

  constructor(options: WablasOptions) {
    this.#options = options;
    this.maxInFlight = options.maxInFlight;
    this.#timeouts = { ...defaultHttpTimeouts, ...options.timeouts };
    this.#alerts = new Alerts(options.listener);
    this.#link = new ProviderLink({
      listener: options.listener,
      timeouts: this.#timeouts,
      connections: options.maxInFlight,
      readCredentials: options.readCredentials,
      baseUrlOf: ({ host }) => host,
      guard: options.guard,
      greet: (account, signal) => this.#greet(account, signal),
    });
    this.#grouping = new Grouping({
      size: Math.min(largestGroup, Math.max(1, options.groupSize)),
      waitMs: options.groupWaitMs,
      send: (group) => void this.#sendGroup(group),
    });
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Asks the gateway whether its phone is connected. @throws Error that says why the device cannot send */
  async connect(signal: AbortSignal): Promise<void> {
    this.#alerts.reset();
    await this.#link.connect(signal);
  }

  async disconnect(): Promise<void> {
    this.#grouping.flush();
    await this.#link.disconnect();
  }

  async send(message: OutgoingMessage): Promise<SendOutcome> {
    const refusal = refusalBefore(message, this.#link.state) ?? refusalOf(message);
    if (refusal) return refusal;
    return message.content.kind === "file"
      ? await this.#sendFile(message)
      : await this.#grouping.add(message);
  }

  async fetchMedia(ref: string, signal: AbortSignal): Promise<IncomingFile> {
    const { account } = this.#link;
    if (account === null) throw new Error("not connected");
    const { mediaGuard: guard, maxMediaBytes: maxBytes } = this.#options;
    const { host } = account.credentials;
    return await fetchWablasFile(ref, { host, guard, maxBytes, withinMs: this.#timeouts.answerMs, signal });
  }

  /** Wablas answers no questions about messages. */
  async lookup(providerMessageIds: readonly string[]): Promise<ReadonlyMap<string, LookupAnswer>> {
    return new Map(providerMessageIds.map((id) => [id, "dont_know"]));
  }

  async checkNumber(): Promise<NumberCheck> {
    return "dont_know";
  }

  /** @throws Error always */
  async requestPairingCode(): Promise<string> {
    throw new Error("the phone of a gateway is linked at the gateway");
  }

  /** @throws Error always */
  async logout(): Promise<void> {
    throw new Error("the phone of a gateway is unlinked at the gateway");
  }

  /** A file goes alone. */
  async #sendFile(message: OutgoingMessage): Promise<SendOutcome> {
    const { content } = message;
    const { account } = this.#link;
    if (account === null || content.kind !== "file") return refused("not_started", "not connected");
    const opened = this.#options.openFile(content.tenantId, content.mediaId);
    const file = await opened.catch(() => undefined);
    if (file === undefined) return refused("provider_temporary", "the file could not be read");
    if (file === null) return refused("rejected", "the file is gone");
    const { path, body } = fileCall(message, file);
    const ended = await this.#link.request(account, {
      method: "POST",
      path,
      headers: { ...headersOf(account), "content-type": "application/x-www-form-urlencoded" },
      body,
      notAfterMs: message.notAfterMs,
    });
    if (ended.kind !== "answered") return unanswered(ended);
    const outcome = groupOutcome(ended, [message], secretsOf(account));
    if (outcome.kind === "each") return outcome.outcomes[0] ?? missing;
    this.#heed(outcome.failure);
    return { kind: "refused", failure: outcome.failure };
  }

  /** Ends every message of the group. */
  async #sendGroup(group: readonly Waiting[]): Promise<void> {
    const begun = group.filter(({ message, end }) => {
      const refusal = refusalBefore(message, this.#link.state);
      if (refusal) end(refusal);
      return refusal === null;
    });
    const { account } = this.#link;
    if (account === null || begun.length === 0) {
      for (const { end } of begun) end(refused("not_started", "not connected"));
      return;
    }
    const messages = begun.map(({ message }) => message);
    const ended = await this.#link.request(account, {
      method: "POST",
      path: "/api/v2/send-message",
      headers: { ...headersOf(account), "content-type": "application/json" },
      body: groupBody(messages),
      notAfterMs: Math.min(...messages.map(({ notAfterMs }) => notAfterMs)),
    });
    if (ended.kind !== "answered") {
      for (const { end } of begun) end(unanswered(ended));
      return;
    }
    const outcome = groupOutcome(ended, messages, secretsOf(account));
    if (outcome.kind === "each") {
      for (const [at, { end }] of begun.entries()) end(outcome.outcomes[at] ?? missing);
    } else this.#refuse(begun, outcome.failure);
  }

  /** None of the group was sent. If it may be for one message's sake, each is tried by itself. */
  #refuse(group: readonly Waiting[], failure: SendFailure): void {
    if (group.length > 1 && ofOneMessage.has(failure.code)) {
      for (const waiting of group) void this.#sendGroup([waiting]);
      return;
    }
    this.#heed(failure);
    for (const { end } of group) end({ kind: "refused", failure });
  }

  async #greet(account: Account<WablasCredentials>, signal: AbortSignal): Promise<void> {
    const request = {
      method: "GET" as const,
      path: `/api/device/info?token=${encodeURIComponent(account.credentials.token)}`,
      headers: headersOf(account),
      notAfterMs: performance.now() + this.#timeouts.connectMs,
    };
    const ended = await this.#link.request(account, request, signal);
    if (ended.kind !== "answered") throw new Error(`the gateway could not be asked: ${ended.reason}`);
    const failure = failureIn(ended, secretsOf(account));
    if (failure) throw new Error(failure.detail);
    const device = deviceSchema.safeParse(jsonOf(ended.body)).data?.data;
    if (!device) throw new Error(`an answer that is not the gateway's (HTTP ${ended.status})`);
    const { sender = "", status, quota, expired_date: expires } = device;
    this.#options.log.info("the gateway knows the device", { status, quota, expires });
    // An error, so that it is asked again from time to time: the phone comes back without telling us.
    if (status !== "connected") throw new Error("the gateway has no connection to the phone");
    const phone = sender.replaceAll(/\D/g, "");
    if (phone !== "") this.#options.listener.identified(phone);
  }

  /** What a failure says of the device, for whoever looks after it. */
  #heed({ code, detail }: SendFailure): void {
    if (code === "device_refused") this.#alerts.give(code, detail);
    if (code === "device_refused" || code === "device_disconnected") this.#link.fail(detail);
  }
}

const missing: SendOutcome = { kind: "ambiguous", reason: "the answer has no word on this message" };

function headersOf({ credentials }: Account<WablasCredentials>): Record<string, string> {
  return { authorization: `${credentials.token}.${credentials.secret_key}`, accept: "application/json" };
}

function secretsOf({ credentials }: Account<WablasCredentials>): readonly string[] {
  return [credentials.token, credentials.secret_key, credentials.webhook_secret];
}
