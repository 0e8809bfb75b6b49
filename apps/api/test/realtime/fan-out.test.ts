import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { JobNewsEncoder } from "../../src/realtime/bulk-jobs/job-news-encoder.ts";
import type { JobFact, JobNews } from "../../src/realtime/jobs/job-fact.ts";
import { textFrame } from "../../src/realtime/wire.ts";
import { openHarness, type Harness } from "./support/harness.ts";
import { phones } from "./support/sender.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

const sent = (count: number): JobFact => ({
  kind: "message_sent",
  figures: { sent: count, failed: 0, total: 10, percentage: count * 10 },
  deviceId: 1,
  phone: `3460012345${count}`,
});
const failed = (count: number): JobFact => ({
  kind: "message_failed",
  figures: { sent: 0, failed: count, total: 10, percentage: count * 10 },
  deviceId: 1,
  phone: `3460012345${count}`,
  errorCode: "x",
});
const news = (...facts: JobFact[]): JobNews => ({ jobId: "job", facts });

test("news are made into bytes once, whoever asks", () => {
  const encoder = new JobNewsEncoder();
  const some = news(sent(1), sent(2));
  expect(encoder.encode(some, false)).toBe(encoder.encode(some, false));
  expect(encoder.encode(some, true)).toBe(encoder.encode(some, true));
  expect(encoder.encode(some, true).bytes.toString()).not.toContain("34600123451");
  expect(encoder.encode(some, false).bytes.toString()).toContain("34600123451");
});

test("of progress only the newest is kept for the slow, and none that a later frame outdates", () => {
  const encoder = new JobNewsEncoder();
  expect(encoder.encode(news(sent(1), failed(1), sent(2)), false)).toMatchObject({
    frames: 3,
    conflatable: { topic: "job", lasting: { frames: 1 }, newest: { frames: 1 } },
  });
  expect(encoder.encode(news(sent(1), failed(1)), false).conflatable).toMatchObject({ newest: null });
  expect(encoder.encode(news(failed(1)), false).conflatable).toBeUndefined();
});

test("frames of every length are what a stranger's client reads", async () => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000].map(
    (bytes) => "ñ".repeat(bytes / 2) + "x".repeat(bytes % 2),
  );
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer().on("upgrade", (request, raw, head) => {
    sockets.handleUpgrade(request, raw, head, () => raw.write(Buffer.concat(texts.map(textFrame))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const received: string[] = [];
  await new Promise<void>((resolve) => {
    client.on("message", (data: Buffer) => {
      received.push(data.toString());
      if (received.length === texts.length) resolve();
    });
  });
  expect(received).toEqual(texts);
  client.terminate();
  server.close();
});

test("fifty clients on one job all get every frame, in order", async () => {
  const tenantId = await harness.sender.tenant();
  const jobId = await harness.sender.job(tenantId, 600);
  const clients = Array.from({ length: 50 }, () =>
    harness.connect(`/ws/job/${jobId}?token=${harness.token(tenantId)}`),
  );
  for (const client of clients) await client.type("job_created");
  for (let i = 0; i < 6; i += 1) await harness.sender.move(jobId, { sent: phones(100, i * 100) });
  for (const client of clients) {
    await client.type("job_completed");
    const counts = client.of("progress").map((frame) => (frame["progress"] as { sent: number }).sent);
    expect(counts).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
  }
});
