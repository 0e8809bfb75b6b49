import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { Dispatcher } from "undici";
import { describe, expect, test } from "vitest";
import { exchange, type HttpRequest } from "../../src/channels/http/exchange.ts";
import { HttpLine } from "../../src/channels/http/http-line.ts";
import { halfAnAnswer, json, startProvider } from "./provider.ts";

const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  path: "/messages",
  headers: { "content-type": "application/json" },
  body: '{"hola":1}',
  notAfterMs: performance.now() + 10_000,
  answerMs: 5_000,
  ...more,
});

function lineTo(baseUrl: string, connections = 10): HttpLine & AsyncDisposable {
  const line = new HttpLine({ baseUrl, connections, connectMs: 500, closeMs: 1_000 });
  return Object.assign(line, { [Symbol.asyncDispose]: () => line.close() });
}

/** A server that speaks bytes, not HTTP. */
async function rawServer(onData: (socket: Socket) => void): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => onData(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("what is proved not to have left", () => {
  test("nobody listens there", async () => {
    await using provider = await startProvider((_, response) => json(response, 200, {}));
    await provider.close();
    await using line = lineTo(provider.url);
    expect(await line.request(request())).toEqual({
      kind: "not_sent",
      why: "unreachable",
      reason: "ECONNREFUSED",
    });
  });

  test("the name of the host does not exist", async () => {
    await using line = lineTo("http://provider.invalid");
    expect(await line.request(request())).toMatchObject({ kind: "not_sent", why: "unreachable" });
  });

  test("the other side does not speak TLS", async () => {
    await using server = await rawServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await using line = lineTo(server.url.replace("http:", "https:"));
    expect(await line.request(request())).toMatchObject({ kind: "not_sent", why: "unreachable" });
  });

  test("no connection comes about in time", async () => {
    // TLS that never answers the handshake.
    await using server = await rawServer(() => undefined);
    await using line = lineTo(server.url.replace("http:", "https:"));
    const ended = await line.request(request());
    expect(ended).toMatchObject({ kind: "not_sent", why: "unreachable", reason: "UND_ERR_CONNECT_TIMEOUT" });
  });

  test("the deadline had passed", async () => {
    await using provider = await startProvider((_, response) => json(response, 200, {}));
    await using line = lineTo(provider.url);
    const ended = await line.request(request({ notAfterMs: performance.now() - 1 }));
    expect(ended).toMatchObject({ kind: "not_sent", why: "late" });
    expect(provider.arrived).toHaveLength(0);
  });

  test("the deadline passes while every connection is busy", async () => {
    const held: (() => void)[] = [];
    await using provider = await startProvider((_, response) => {
      held.push(() => json(response, 200, {}));
    });
    await using line = lineTo(provider.url, 1);
    const first = line.request(request());
    const second = await line.request(request({ notAfterMs: performance.now() + 50 }));
    expect(second).toMatchObject({ kind: "not_sent", why: "late" });
    for (const answer of held) answer();
    expect(await first).toMatchObject({ kind: "answered", status: 200 });
    // The connection serves the next one, and the one that was given up never arrives.
    provider.answer = (_, response) => json(response, 200, {});
    expect(await line.request(request({ path: "/third" }))).toMatchObject({ kind: "answered" });
    expect(provider.arrived.map(({ url }) => url)).toEqual(["/messages", "/third"]);
  });

  test("it was given up before it began", async () => {
    await using provider = await startProvider((_, response) => json(response, 200, {}));
    await using line = lineTo(provider.url);
    expect(await line.request(request(), AbortSignal.abort())).toMatchObject({ kind: "not_sent" });
    expect(provider.arrived).toHaveLength(0);
  });
});

describe("what may have arrived", () => {
  test("the connection is cut after the request", async () => {
    await using provider = await startProvider((_, response) => void response.socket?.destroy());
    await using line = lineTo(provider.url);
    expect(await line.request(request())).toMatchObject({ kind: "lost" });
    expect(provider.arrived).toHaveLength(1);
  });

  test("the connection is cut in the middle of the answer", async () => {
    await using provider = await startProvider((_, response) => halfAnAnswer(response, { messages: ["x"] }));
    await using line = lineTo(provider.url);
    expect(await line.request(request())).toMatchObject({ kind: "lost" });
  });

  test("no answer comes in time", async () => {
    await using provider = await startProvider(() => undefined);
    await using line = lineTo(provider.url);
    const ended = await line.request(request({ answerMs: 100 }));
    expect(ended).toEqual({ kind: "lost", reason: "no whole answer in time" });
  });

  test("an answer that drips for ever ends in time as well", async () => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    });
    await using line = lineTo(provider.url);
    expect(await line.request(request({ answerMs: 100 }))).toMatchObject({ kind: "lost" });
  });

  test("what comes back is not HTTP", async () => {
    await using server = await rawServer((socket) => socket.end("SSH-2.0-hello\r\n"));
    await using line = lineTo(server.url);
    expect(await line.request(request())).toMatchObject({ kind: "lost" });
  });

  test("the answer is endless", async () => {
    await using provider = await startProvider((_, response) => {
      response.writeHead(200).end(Buffer.alloc(3_000_000));
    });
    await using line = lineTo(provider.url);
    expect(await line.request(request())).toEqual({ kind: "lost", reason: "the answer is too long" });
  });

  test("it is given up while it waits for the answer", async () => {
    const abort = new AbortController();
    await using provider = await startProvider(() => abort.abort());
    await using line = lineTo(provider.url);
    expect(await line.request(request(), abort.signal)).toEqual({ kind: "lost", reason: "aborted" });
  });
});

test("a request that undici wants to write once more is not written twice", async () => {
  const aborted: string[] = [];
  const controllerOf = (name: string): Dispatcher.DispatchController => ({
    aborted: false,
    paused: false,
    reason: null,
    abort: () => void aborted.push(name),
    pause: () => undefined,
    resume: () => undefined,
  });
  class Repeating extends Dispatcher {
    override dispatch(_: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      handler.onRequestStart?.(controllerOf("first connection"), {});
      handler.onRequestStart?.(controllerOf("second connection"), {});
      return true;
    }
  }
  expect(await exchange(new Repeating(), request())).toMatchObject({ kind: "lost" });
  expect(aborted).toEqual(["first connection", "second connection"]);
});

test("connections are kept between requests", async () => {
  await using provider = await startProvider((_, response) => json(response, 200, {}));
  await using line = lineTo(provider.url);
  for (let n = 0; n < 30; n++) await line.request(request());
  // The second serves a request that comes in the very moment in which the first ends one.
  expect(provider.connections()).toBeLessThanOrEqual(2);
});

test("a path of the address goes before every request", async () => {
  await using provider = await startProvider((_, response) => json(response, 200, {}));
  await using line = lineTo(`${provider.url}/cloud/`);
  await line.request(request());
  expect(provider.arrived[0]?.url).toBe("/cloud/messages");
});

test("a close waits for answers under way, but not for ever", async () => {
  const held: (() => void)[] = [];
  await using provider = await startProvider((_, response) => {
    held.push(() => json(response, 200, {}));
  });
  const line = new HttpLine({ baseUrl: provider.url, connections: 2, connectMs: 500, closeMs: 300 });
  const [one, other] = [line.request(request()), line.request(request())];
  await expect.poll(() => held.length).toBe(2);
  const closed = line.close();
  held[0]?.();
  expect([await one, await other].map(({ kind }) => kind).sort()).toEqual(["answered", "lost"]);
  await closed;
});

test("whatever the network does, refused means never arrived and nothing arrives twice", async () => {
  let n = 0;
  await using provider = await startProvider(async (_, response) => {
    n += 1;
    // A server that cuts connections at every stage, idle ones included.
    if (n % 5 === 0) response.socket?.destroy();
    else if (n % 7 === 0) halfAnAnswer(response, { some: "answer" });
    else if (n % 3 === 0) {
      json(response, 200, {});
      const { socket } = response;
      setTimeout(() => socket?.destroy(), n % 4);
    } else if (n % 11 === 0) json(response, 200, {}, { connection: "close" });
    else setTimeout(() => json(response, 200, {}), n % 13);
  });
  await using line = lineTo(provider.url, 8);
  const sends = Array.from({ length: 400 }, async (_, id) => {
    await new Promise((resolve) => setTimeout(resolve, id * 2));
    const notAfterMs = performance.now() + (id % 10 === 0 ? 2 : 10_000);
    return { id, ended: await line.request(request({ path: `/${id}`, notAfterMs })) };
  });
  const ends = await Promise.all(sends);
  const arrivals = (id: number) => provider.arrived.filter(({ url }) => url === `/${id}`).length;
  for (const { id, ended } of ends) {
    if (ended.kind === "not_sent") expect(arrivals(id)).toBe(0);
    else if (ended.kind === "answered") expect(arrivals(id)).toBe(1);
    else expect(arrivals(id)).toBeLessThanOrEqual(1);
  }
  const kinds = new Set(ends.map(({ ended }) => ended.kind));
  expect(kinds).toContain("answered");
  expect(kinds).toContain("lost");
});
