import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Proxy } from "../src/proxy/proxy.ts";

let server: Server;
let heard: string[];
let proxy: Proxy;
const sockets: Socket[] = [];

/** A server that answers each line with the same in capitals. */
beforeEach(async () => {
  heard = [];
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      heard.push(String(chunk));
      socket.write(String(chunk).toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  proxy = await Proxy.open(typeof address === "object" && address !== null ? address.port : 0);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

class Client {
  readonly socket: Socket;
  text = "";
  readonly closed: Promise<void>;

  constructor() {
    this.socket = connect(proxy.port, "127.0.0.1");
    sockets.push(this.socket);
    this.socket.on("data", (chunk) => (this.text += String(chunk)));
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
  }

  async answered(text: string): Promise<void> {
    while (this.text !== text) await new Promise((resolve) => this.socket.once("data", resolve));
  }
}

const is = (text: string) => (chunk: Buffer) => chunk.includes(text);

test("passes both ways what nobody is interested in", async () => {
  const client = new Client();
  client.socket.write("hello");
  await client.answered("HELLO");
  expect(proxy.connections).toBe(1);
});

test("a request that is trapped is not heard until it is released", async () => {
  const client = new Client();
  const trap = proxy.trap("request", is("claim"));
  client.socket.write("hello");
  await client.answered("HELLO");
  client.socket.write("claim");
  expect(await trap.sprung(5_000)).toBe(true);
  expect(heard).toEqual(["hello"]);
  trap.release();
  await client.answered("HELLOCLAIM");
});

test("an answer that is trapped stays away although the request was heard; a cut loses it", async () => {
  const client = new Client();
  const trap = proxy.trap("answer", is("claim"));
  client.socket.write("claim");
  expect(await trap.sprung(5_000)).toBe(true);
  while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  trap.cut();
  await client.closed;
  expect([heard, client.text]).toEqual([["claim"], ""]);
});

test("a trap catches one connection and lets the others pass", async () => {
  const trap = proxy.trap("request", is("claim"));
  const [first, second] = [new Client(), new Client()];
  first.socket.write("claim");
  expect(await trap.sprung(5_000)).toBe(true);
  second.socket.write("claim");
  await second.answered("CLAIM");
  expect(first.text).toBe("");
});

test("a trap in which nothing falls says so", async () => {
  expect(await proxy.trap("request", is("never")).sprung(10)).toBe(false);
});

test("cuts connections, and refuses new ones while it is told to", async () => {
  const client = new Client();
  client.socket.write("hello");
  await client.answered("HELLO");
  proxy.refuse(true);
  expect(proxy.cut()).toBe(1);
  await client.closed;
  await new Client().closed;
  proxy.refuse(false);
  const later = new Client();
  later.socket.write("again");
  await later.answered("AGAIN");
});

test("what is swallowed comes when the cable is back, in order and complete", async () => {
  const client = new Client();
  client.socket.write("a");
  await client.answered("A");
  proxy.swallow(true);
  for (const letter of ["b", "c", "d"]) client.socket.write(letter);
  const during = new Client();
  during.socket.write("x");
  await new Promise((resolve) => during.socket.once("connect", resolve));
  expect(heard).toEqual(["a"]);
  proxy.swallow(false);
  await client.answered("ABCD");
  await during.answered("X");
});

test("answers come late by what it is told, in order", async () => {
  const client = new Client();
  proxy.delay(60);
  const startMs = performance.now();
  client.socket.write("a");
  client.socket.write("b");
  await client.answered("AB");
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(55);
});
