import type { WhatsAppCloudCredentials } from "@pregonero/contracts";
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
  SendOutcome,
} from "../channel.ts";
import { download } from "../http/download.ts";
import { jsonOf } from "../http/answers.ts";
import type { Exchange } from "../http/exchange.ts";
import {
  defaultHttpTimeouts,
  ProviderLink,
  type Account,
  type AddressGuard,
  type HttpTimeouts,
} from "../http/provider-link.ts";
import { Alerts, refusalBefore, refused, unanswered } from "../http/refusals.ts";
import { failureIn, outcomeOf } from "./answer.ts";
import { fileLocation, uploadedId, uploadForm } from "./cloud-files.ts";
import { messageBody, readBody, type Upload } from "./request.ts";

export interface WhatsAppCloudOptions {
  /** `https://graph.facebook.com`, or a stand-in. */
  readonly url: string;
  /** Of the Graph API: `v24.0`. */
  readonly version: string;
  /** The most sends under way at once, and connections. */
  readonly maxInFlight: number;
  /** Rejects when the device has none. */
  readonly readCredentials: () => Promise<WhatsAppCloudCredentials>;
  readonly listener: ChannelListener;
  /** Of an address that a user gave. */
  readonly guard?: AddressGuard | undefined;
  readonly openFile: OpenFile;
  /** Larger files of messages that come in are left where they are. */
  readonly maxMediaBytes: number;
  readonly timeouts?: Partial<HttpTimeouts>;
  readonly log: Logger;
}

const numberSchema = z.object({
  display_phone_number: z.string().optional().catch(undefined),
  verified_name: z.string().optional().catch(undefined),
  quality_rating: z.string().optional().catch(undefined),
});

/**
 * The official API of WhatsApp. Accepted messages are told further, and unknown outcomes settled, by the statuses that
 * Meta posts to our webhook: nothing can be looked up here.
 */
export class WhatsAppCloudChannel implements Channel {
  readonly settledByWebhook = true;
  readonly maxInFlight: number;
  readonly #options: WhatsAppCloudOptions;
  readonly #link: ProviderLink<WhatsAppCloudCredentials>;
  readonly #alerts: Alerts;
  readonly #timeouts: HttpTimeouts;

  constructor(options: WhatsAppCloudOptions) {
    this.#options = options;
    this.maxInFlight = options.maxInFlight;
    this.#timeouts = { ...defaultHttpTimeouts, ...options.timeouts };
    this.#alerts = new Alerts(options.listener);
    this.#link = new ProviderLink({
      listener: options.listener,
      timeouts: this.#timeouts,
      connections: options.maxInFlight,
      readCredentials: options.readCredentials,
      baseUrlOf: () => options.url,
      guard: options.guard,
      greet: (account, signal) => this.#greet(account, signal),
    });
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Checks credentials and number with Meta. @throws Error that says why the device cannot send */
  async connect(signal: AbortSignal): Promise<void> {
    this.#alerts.reset();
    await this.#link.connect(signal);
  }

  async disconnect(): Promise<void> {
    await this.#link.disconnect();
  }

  async send(message: OutgoingMessage): Promise<SendOutcome> {
    const refusal = refusalBefore(message, this.#link.state);
    const { account } = this.#link;
    if (refusal !== null || account === null) return refusal ?? refused("not_started", "not connected");
    const upload = message.content.kind === "file" ? await this.#upload(account, message) : null;
    if (upload !== null && "kind" in upload) return upload;
    const ended = await this.#post(account, messageBody(message, upload), message.notAfterMs);
    if (ended.kind !== "answered") return unanswered(ended);
    const outcome = outcomeOf(ended, secretsOf(account));
    this.#heed(outcome);
    return outcome;
  }

  /** Meta answers no questions about messages. */
  async lookup(providerMessageIds: readonly string[]): Promise<ReadonlyMap<string, LookupAnswer>> {
    return new Map(providerMessageIds.map((id) => [id, "dont_know"]));
  }

  /** @throws Error when Meta does not take it */
  async markRead(_phone: string, wamid: string): Promise<void> {
    const { account } = this.#link;
    if (account === null) throw new Error("not connected");
    const ended = await this.#post(account, readBody(wamid), performance.now() + this.#timeouts.connectMs);
    if (ended.kind !== "answered") throw new Error(`Meta could not be told: ${ended.reason}`);
    const failure = failureIn(ended, jsonOf(ended.body), secretsOf(account));
    if (failure) throw new Error(failure.detail);
  }

  /** First where it is, then the file itself, both with the access token. */
  async fetchMedia(ref: string, signal: AbortSignal): Promise<IncomingFile> {
    const { account } = this.#link;
    if (account === null) throw new Error("not connected");
    const { url, version, maxMediaBytes: maxBytes } = this.#options;
    const headers = headersOf(account);
    const asked = {
      method: "GET" as const,
      path: `/${version}/${encodeURIComponent(ref)}?phone_number_id=${account.credentials.phone_number_id}`,
      headers,
      notAfterMs: performance.now() + this.#timeouts.connectMs,
    };
    const location = fileLocation(await this.#link.request(account, asked, signal), url);
    const withinMs = this.#timeouts.answerMs;
    const file = await download(location.url, {
      headers: { ...headers, accept: "*/*" },
      maxBytes,
      withinMs,
      signal,
    });
    return { ...file, contentType: location.mime_type ?? file.contentType };
  }

  /** The Cloud API has no such question. */
  async checkNumber(): Promise<NumberCheck> {
    return "dont_know";
  }

  /** @throws Error always */
  async requestPairingCode(): Promise<string> {
    throw new Error("a number of the Cloud API is not linked by a code");
  }

  /** @throws Error always */
  async logout(): Promise<void> {
    throw new Error("a number of the Cloud API has no session to end: take its credentials away instead");
  }

  #path({ credentials }: Account<WhatsAppCloudCredentials>, rest: string): string {
    return `/${this.#options.version}/${credentials.phone_number_id}${rest}`;
  }

  async #post(
    account: Account<WhatsAppCloudCredentials>,
    body: string,
    notAfterMs: number,
  ): Promise<Exchange> {
    return await this.#link.request(account, {
      method: "POST",
      path: this.#path(account, "/messages"),
      headers: { ...headersOf(account), "content-type": "application/json" },
      body,
      notAfterMs,
    });
  }

  /** Hands a file to Meta; whatever goes wrong with it, no message has been sent. */
  async #upload(
    account: Account<WhatsAppCloudCredentials>,
    { content, notAfterMs }: OutgoingMessage,
  ): Promise<Upload | SendOutcome> {
    if (content.kind !== "file") return refused("rejected", "no file");
    const opened = this.#options.openFile(content.tenantId, content.mediaId);
    const file = await opened.catch(() => undefined);
    if (file === undefined) return refused("provider_temporary", "the file could not be read");
    if (file === null) return refused("rejected", "the file is gone");
    const { contentType, body } = uploadForm(file);
    const ended = await this.#link.request(account, {
      method: "POST",
      path: this.#path(account, "/media"),
      headers: { ...headersOf(account), "content-type": contentType },
      body,
      notAfterMs,
    });
    const id = uploadedId(ended);
    if (id !== null) return { id, file };
    const failure =
      ended.kind === "answered" ? failureIn(ended, jsonOf(ended.body), secretsOf(account)) : null;
    return failure
      ? { kind: "refused", failure }
      : refused("provider_temporary", "the file could not be uploaded");
  }

  async #greet(account: Account<WhatsAppCloudCredentials>, signal: AbortSignal): Promise<void> {
    const fields = "verified_name,display_phone_number,quality_rating";
    const request = {
      method: "GET" as const,
      path: this.#path(account, `?fields=${fields}`),
      headers: headersOf(account),
      notAfterMs: performance.now() + this.#timeouts.connectMs,
    };
    const ended = await this.#link.request(account, request, signal);
    if (ended.kind !== "answered") throw new Error(`Meta could not be asked: ${ended.reason}`);
    const failure = failureIn(ended, jsonOf(ended.body), secretsOf(account));
    if (failure) throw new Error(failure.detail);
    const number = ended.status === 200 ? numberSchema.safeParse(jsonOf(ended.body)).data : undefined;
    if (!number) throw new Error(`an answer that is not Meta's (HTTP ${ended.status})`);
    const { verified_name: name, quality_rating: quality } = number;
    this.#options.log.info("Meta knows the number", { name, quality });
    const phone = number.display_phone_number?.replaceAll(/\D/g, "") ?? "";
    if (phone !== "") this.#options.listener.identified(phone);
    if (quality === "RED") this.#alerts.give("quality_rating", "Meta rates the number RED");
  }

  /** What an outcome says of the device, for whoever looks after it. */
  #heed(outcome: SendOutcome): void {
    if (outcome.kind !== "refused") return;
    const { code, detail, providerCode = code } = outcome.failure;
    if (code !== "device_refused" && code !== "spam_limited") return;
    this.#alerts.give(providerCode, detail);
    if (code === "device_refused") this.#link.fail(detail);
  }
}

function headersOf({ credentials }: Account<WhatsAppCloudCredentials>): Record<string, string> {
  return { authorization: `Bearer ${credentials.access_token}`, accept: "application/json" };
}

function secretsOf({ credentials }: Account<WhatsAppCloudCredentials>): readonly string[] {
  return [credentials.access_token, credentials.app_secret, credentials.verify_token];
}
