import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { nowUs, readFrame } from "./payload.ts";

/**
 * A thousand clients in a process of their own. Told what to do by the parent: `connect`, `reset`, `report`.
 */
export type Order =
  | {
      readonly do: "connect";
      readonly kind: "native" | "bare" | "socket.io";
      readonly url: string;
      readonly count: number;
      readonly token: string;
      readonly channel: string;
    }
  | { readonly do: "reset" }
  | { readonly do: "report" }
  | { readonly do: "leave" };

export interface Report {
  /** Events that clients got, all together. */
  readonly events: number;
  readonly frames: number;
  readonly bytes: number;
  /** Events that were not the one after the last. */
  readonly disorder: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly closed: number;
}

const sampleLimit = 4_000_000;
let samples = new Float64Array(sampleLimit);
let sampled = 0;
let events = 0;
let frames = 0;
let bytes = 0;
let disorder = 0;
let closed = 0;
const leave: (() => void)[] = [];

function sample(ms: number): void {
  if (sampled < sampleLimit) samples[sampled++] = ms;
}

function got(data: Buffer, before: number): number {
  const seen = readFrame(data);
  if (!seen) return before;
  const now = nowUs();
  frames += 1;
  bytes += data.length;
  events += seen.last - seen.first + 1;
  if (before > 0 && seen.first !== before + 1) disorder += 1;
  sample((now - seen.oldestUs) / 1_000);
  if (seen.last !== seen.first) sample((now - seen.newestUs) / 1_000);
  return seen.last;
}

function connectWs({ kind, url, token, channel }: Extract<Order, { do: "connect" }>): Promise<void> {
  return new Promise((resolve, reject) => {
    const protocols = kind === "native" ? ["pregonero.v1", `bearer.${token}`] : [];
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false, skipUTF8Validation: true });
    let last = 0;
    socket.on("message", (data: Buffer) => {
      const text = data.length < 400 ? data.toString() : "";
      if (text.startsWith('{"type":"connected"')) socket.send(JSON.stringify({ type: "subscribe", channel }));
      else if (text.startsWith('{"type":"subscribed"')) resolve();
      else last = got(data, last);
    });
    socket.on("open", () => kind === "bare" && resolve());
    socket.on("error", reject);
    socket.on("close", () => (closed += 1));
    leave.push(() => socket.terminate());
  });
}

function connectIo({ url }: Extract<Order, { do: "connect" }>): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
    let last = 0;
    // Parsed by socket.io; only what is needed is taken out.
    socket.on("events", (frame: { first: number; events: { data: { phone: string } }[] }) => {
      frames += 1;
      events += 1;
      if (last > 0 && frame.first !== last + 1) disorder += 1;
      last = frame.first;
      sample((nowUs() - Number(frame.events[0]?.data.phone)) / 1_000);
    });
    socket.on("connect", () => resolve());
    socket.on("connect_error", reject);
    socket.on("disconnect", () => (closed += 1));
    leave.push(() => socket.disconnect());
  });
}

async function connectAll(order: Extract<Order, { do: "connect" }>): Promise<void> {
  const one = order.kind === "socket.io" ? connectIo : connectWs;
  for (let made = 0; made < order.count; made += 50)
    await Promise.all(Array.from({ length: Math.min(50, order.count - made) }, () => one(order)));
}

function report(): Report {
  const sorted = samples.subarray(0, sampled).toSorted();
  const at = (share: number): number => sorted[Math.min(sampled - 1, Math.floor(sampled * share))] ?? NaN;
  return { events, frames, bytes, disorder, p50Ms: at(0.5), p99Ms: at(0.99), closed };
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case "connect":
      await connectAll(order);
      closed = 0;
      return process.send?.({ done: order.do });
    case "reset":
      samples = new Float64Array(sampleLimit);
      sampled = events = frames = bytes = disorder = closed = 0;
      return process.send?.({ done: order.do });
    case "report":
      return process.send?.({ done: order.do, report: report() });
    case "leave":
      for (const go of leave.splice(0)) go();
      return process.send?.({ done: order.do });
  }
}

process.on("message", (order: Order) => void obey(order));
