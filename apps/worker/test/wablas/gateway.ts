import { createOutboundGuard } from "@pregonero/outbound";
import type { WablasCredentials } from "@pregonero/contracts";
import { WablasChannel, type WablasOptions } from "../../src/channels/wablas/wablas-channel.ts";
import {
  json,
  recordingListener,
  silentLog,
  startProvider,
  type Answer,
  type Provider,
} from "../http/provider.ts";

const secrets = { token: "tok-1234", secret_key: "sec-5678", webhook_secret: "hook" };

export const deviceInfo = (status = "connected") => ({
  status: true,
  data: {
    serial: "ABC123",
    sender: "6281234567890",
    quota: "9000",
    expired_date: "2030-01-01",
    status,
  },
});

export interface SentItem {
  readonly phone: string;
  readonly message: string;
  readonly isGroup: string;
  readonly ref_id: string;
}

/** The messages of a call. */
export function itemsOf(body: unknown): readonly SentItem[] {
  return typeof body === "object" && body !== null && "data" in body ? (body.data as SentItem[]) : [];
}

/** The documented answer to a call. */
export const acceptedAll = (items: readonly SentItem[], more: (item: SentItem) => object = () => ({})) => ({
  status: true,
  message: "Message is pending and waiting to be processed",
  data: {
    device_id: "ABC123",
    quota: 8_999,
    messages: items.map((item) => ({
      id: `wablas-${item.ref_id}`,
      phone: item.phone,
      message: item.message,
      status: "pending",
      ...more(item),
    })),
  },
});

export const acceptAll: Answer = ({ body }, response) => json(response, 200, acceptedAll(itemsOf(body)));

export interface Gateway extends AsyncDisposable {
  readonly channel: WablasChannel;
  readonly provider: Provider;
  readonly heard: string[];
  readonly calls: () => Provider["arrived"];
}

/** A stand-in for Wablas with a connected phone, and a channel that is not connected yet. */
export async function wablas(answer: Answer, options: Partial<WablasOptions> = {}): Promise<Gateway> {
  const provider = await startProvider((request, response) =>
    request.method === "GET" ? json(response, 200, deviceInfo()) : answer(request, response),
  );
  const { listener, heard } = recordingListener();
  const credentials: WablasCredentials = { host: provider.url, ...secrets };
  const channel = new WablasChannel({
    maxInFlight: 100,
    groupSize: 1,
    groupWaitMs: 5,
    readCredentials: async () => credentials,
    listener,
    openFile: async () => null,
    maxMediaBytes: 1_000,
    mediaGuard: createOutboundGuard({ allow: [] }),
    timeouts: { connectMs: 500, answerMs: 2_000, closeMs: 500 },
    log: silentLog,
    ...options,
  });
  return {
    channel,
    provider,
    heard,
    calls: () => provider.arrived.filter(({ method }) => method === "POST"),
    async [Symbol.asyncDispose]() {
      await channel.disconnect();
      await provider.close();
    },
  };
}

export async function connectedGateway(
  answer: Answer,
  options: Partial<WablasOptions> = {},
): Promise<Gateway> {
  const gateway = await wablas(answer, options);
  await gateway.channel.connect(new AbortController().signal);
  return gateway;
}
