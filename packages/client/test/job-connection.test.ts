import { once } from "node:events";
import { WebSocket, WebSocketServer, type WebSocket as ServerSocket } from "ws";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reconnectDelayMs } from "../src/realtime/backoff.ts";
import { JobConnection } from "../src/realtime/job-connection.ts";
import type { RealtimeState, SocketOptions } from "../src/realtime/staying-socket.ts";

const jobId = "00000000-0000-4000-8000-000000000000";
const frame = (type: string, more: object = {}) => JSON.stringify({ type, message: "", ...more });
const startedFrame = frame("job_started", {
  job_id: jobId,
  progress: { sent: 1, failed: 0, total: 2, percentage: 50 },
});

/** A server that says what the test tells it to. */
let server: WebSocketServer;
let url: string;
let accepted: ServerSocket[];
let heard: string[];
let connection: JobConnection | undefined;
let states: RealtimeState[];

async function listen(port = 0): Promise<number> {
  server = new WebSocketServer({ port, host: "127.0.0.1", handleProtocols: () => "pregonero" });
  server.on("connection", (socket) => {
    accepted.push(socket);
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    socket.send(frame("connected"));
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function stop(): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
}

function open(options: Partial<SocketOptions> = {}): JobConnection {
  const opened = new JobConnection({ url, token: undefined, WebSocket, random: () => 1, ...options });
  connection = opened;
  opened.onState((state) => states.push(state));
  opened.connect();
  return opened;
}

const state = (wanted: RealtimeState) =>
  expect.poll(() => connection?.state, { timeout: 5_000 }).toBe(wanted);

beforeEach(async () => {
  accepted = [];
  heard = [];
  states = [];
  url = `ws://127.0.0.1:${await listen()}/ws`;
});
afterEach(async () => {
  connection?.close();
  connection = undefined;
  await stop();
});

test("the pauses between attempts double from one second to thirty, less up to half by chance", () => {
  const without = [0, 1, 2, 3, 4, 5, 50].map((n) => reconnectDelayMs(n, () => 0));
  expect(without).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(reconnectDelayMs(3, () => 1)).toBe(4_000);
});

describe("a connection", () => {
  test("goes from disconnected over connecting to connected, and back when it is closed", async () => {
    const connection = open();
    await state("connected");
    connection.close();
    expect(states).toEqual(["connecting", "connected", "disconnected"]);
    await once(accepted[0] ?? server, "close");
    expect(connection.state).toBe("disconnected");
  });

  test("that is lost comes back and subscribes again to what is still wanted", async () => {
    const connection = open();
    const frames: string[] = [];
    connection.subscribe(jobId, { frame: ({ type }) => frames.push(type) });
    connection.subscribe("11111111-1111-4111-8111-111111111111", { frame: () => undefined })();
    await expect.poll(() => heard.length).toBe(1);
    accepted[0]?.close(1012, "service restart");
    await expect.poll(() => accepted.length, { timeout: 5_000 }).toBe(2);
    await expect.poll(() => heard.length).toBe(2);
    expect(heard.map((text) => JSON.parse(text))).toEqual([
      { type: "subscribe_job", job_id: jobId },
      { type: "subscribe_job", job_id: jobId },
    ]);
    accepted[1]?.send(startedFrame);
    await expect.poll(() => frames).toEqual(["job_started"]);
    expect(states).toEqual(["connecting", "connected", "disconnected", "connecting", "connected"]);
  });

  test("to a server that is not there is an error, tried again until it is", async () => {
    const { port } = new URL(url);
    await stop();
    open();
    await state("error");
    await listen(Number(port));
    await state("connected");
    expect(states).toEqual(["connecting", "error", "connecting", "connected"]);
  });

  test("refused for its credentials is an error for good", async () => {
    server.on("connection", (socket) => socket.close(4401, "no"));
    open({ random: () => 1 });
    await state("error");
    const attempts = accepted.length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(accepted.length).toBe(attempts);
  });

  test("is an error where there is no WebSocket", () => {
    const connection = open({ WebSocket: undefined });
    expect(connection.state).toBe("error");
    expect(connection.possible).toBe(false);
  });

  test("closed while it waits for its token does not open", async () => {
    let give: (token: string) => void = () => undefined;
    const connection = open({ token: () => new Promise((resolve) => (give = resolve)) });
    connection.close();
    give("late");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(accepted).toHaveLength(0);
  });
});

describe("credentials", () => {
  test("go in a subprotocol, asked for anew at each attempt", async () => {
    const offered: (string | undefined)[] = [];
    server.on("headers", (_, request) => offered.push(request.headers["sec-websocket-protocol"]));
    let count = 0;
    open({ token: () => `t${(count += 1)}` });
    await state("connected");
    accepted[0]?.close(1012);
    await expect
      .poll(() => offered, { timeout: 5_000 })
      .toEqual(["pregonero,bearer.t1", "pregonero,bearer.t2"]);
  });

  test("that a subprotocol cannot carry go in a first frame", async () => {
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => {
        heard.push(data.toString());
        socket.send(frame("connected"));
      });
      socket.send(frame("auth_required"));
    });
    open({ token: "a b/c=" });
    await state("connected");
    expect(heard.map((text) => JSON.parse(text))).toEqual([{ type: "auth", token: "a b/c=" }]);
  });
});

test("what is no frame, and frames of a later version, are passed over", async () => {
  const connection = open();
  await state("connected");
  const frames: string[] = [];
  connection.onFrame(({ type }) => frames.push(type));
  for (const text of ["", "null", "[]", "7", "{}", '{"type":"brand_new"}', '{"type":7}'])
    accepted[0]?.send(text);
  accepted[0]?.send(Buffer.of(1, 2));
  accepted[0]?.send(startedFrame);
  await expect.poll(() => frames).toEqual(["job_started"]);
});

test("a second listener of a job gets the present state as well, the first ends alone", async () => {
  const connection = open();
  await state("connected");
  const end = connection.subscribe(jobId, { frame: () => undefined });
  connection.subscribe(jobId, { frame: () => undefined });
  end();
  await expect.poll(() => heard.length).toBe(3);
  expect(heard.map((text) => JSON.parse(text).type)).toEqual([
    "subscribe_job",
    "unsubscribe_job",
    "subscribe_job",
  ]);
});
