import type { WhatsAppCloudCredentials } from "@pregonero/contracts";
import {
  WhatsAppCloudChannel,
  type WhatsAppCloudOptions,
} from "../../src/channels/whatsapp-cloud/whatsapp-cloud-channel.ts";
import {
  json,
  recordingListener,
  silentLog,
  startProvider,
  type Answer,
  type Provider,
} from "../http/provider.ts";

export const credentials: WhatsAppCloudCredentials = {
  phone_number_id: "106540352242922",
  access_token: "EAAGm0PX4ZCpsBA",
  app_secret: "the-app-secret",
  verify_token: "verify-me",
};

export const knownNumber = {
  verified_name: "Zapatería Núñez",
  display_phone_number: "+34 600 123 678",
  quality_rating: "GREEN",
  id: "106540352242922",
};

export const accepted = (to: string, wamid = `wamid.${to}`) => ({
  messaging_product: "whatsapp",
  contacts: [{ input: to, wa_id: to }],
  messages: [{ id: wamid }],
});

export const errorOf = (code: number, more: object = {}) => ({
  error: {
    message: `(#${code}) Something about it`,
    type: "OAuthException",
    code,
    error_data: { messaging_product: "whatsapp", details: "Details of it." },
    fbtrace_id: "Az8or2yhqkZfEZ",
    ...more,
  },
});

/** The number that a send is addressed to. */
export function recipientOf(body: unknown): string {
  return typeof body === "object" && body !== null && "to" in body ? String(body.to) : "";
}

export interface Connected extends AsyncDisposable {
  readonly channel: WhatsAppCloudChannel;
  readonly provider: Provider;
  readonly heard: string[];
  /** Sends that arrived, without the question of the connect. */
  readonly sends: () => Provider["arrived"];
}

/** A stand-in for Meta that knows the number, and a channel that is not connected yet. */
export async function meta(answer: Answer, options: Partial<WhatsAppCloudOptions> = {}): Promise<Connected> {
  const provider = await startProvider((request, response) =>
    request.method === "GET" ? json(response, 200, knownNumber) : answer(request, response),
  );
  const { listener, heard } = recordingListener();
  const channel = new WhatsAppCloudChannel({
    url: provider.url,
    version: "v24.0",
    maxInFlight: 10,
    readCredentials: async () => credentials,
    listener,
    openFile: async () => null,
    maxMediaBytes: 1_000,
    timeouts: { connectMs: 500, answerMs: 2_000, closeMs: 500 },
    log: silentLog,
    ...options,
  });
  return {
    channel,
    provider,
    heard,
    sends: () => provider.arrived.filter(({ method }) => method === "POST"),
    async [Symbol.asyncDispose]() {
      await channel.disconnect();
      await provider.close();
    },
  };
}

export async function connectedTo(
  answer: Answer,
  options: Partial<WhatsAppCloudOptions> = {},
): Promise<Connected> {
  const connected = await meta(answer, options);
  await connected.channel.connect(new AbortController().signal);
  return connected;
}
