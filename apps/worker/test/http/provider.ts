import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "@pregonero/runtime";
import type { ChannelListener, MessageContent, OutgoingMessage } from "../../src/channels/channel.ts";

/** A request that arrived whole. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export type Answer = (request: Arrived, response: ServerResponse) => void | Promise<void>;

export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly arrived: Arrived[];
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** How it answers from now on. */
  answer: Answer;
  /** Stops to listen and cuts every connection. */
  close(): Promise<void>;
}

/** A provider's server on a port of its own. */
export async function startProvider(answer: Answer): Promise<Provider> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const whole = { method, url, headers, body: text === "" ? null : (JSON.parse(text) as unknown) };
      arrived.push(whole);
      void provider.answer(whole, response);
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const provider: Provider = {
    url: `http://127.0.0.1:${port}`,
    arrived,
    connections: () => connections,
    answer,
    close,
    [Symbol.asyncDispose]: close,
  };
  return provider;
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Headers and the first bytes of an answer, then nothing. */
export function halfAnAnswer(response: ServerResponse, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { "content-length": text.length });
  response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
}

let count = 0;

export function outgoing(content: MessageContent | string = "hola", more: Partial<OutgoingMessage> = {}) {
  count += 1;
  return {
    messageId: `message-${count}`,
    providerMessageId: `ours-${count}`,
    to: String(34_600_000_000 + count),
    content: typeof content === "string" ? ({ kind: "text", text: content } as const) : content,
    notAfterMs: performance.now() + 20_000,
    ...more,
  } satisfies OutgoingMessage;
}

/** A listener that writes down what it is told, one line per event. */
export function recordingListener(): { listener: ChannelListener; heard: string[] } {
  const heard: string[] = [];
  const note = (...words: (string | undefined)[]): void => {
    heard.push(words.filter((word) => word !== undefined).join(" "));
  };
  return {
    heard,
    listener: {
      stateChanged: (state, reason) => note("state", state, reason),
      identified: (phone) => note("identified", phone),
      qr: () => note("qr"),
      ack: (id, ack) => note("ack", id, ack),
      inbound: () => note("inbound"),
      alert: (code, detail) => note("alert", code, detail),
    },
  };
}

export const silentLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
