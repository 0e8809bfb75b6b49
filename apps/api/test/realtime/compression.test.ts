import { afterEach, expect, test } from "vitest";
import type { FrameClient } from "./support/frame-client.ts";
import { openHarness, type Harness } from "./support/harness.ts";
import { phones } from "./support/sender.ts";

let harness: Harness;
afterEach(() => harness.close());

/** Every way in which a client can be compressed for, or not. */
const offers = [
  false,
  true,
  { clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 9 },
  { serverNoContextTakeover: true },
] as const;

test("clients that offer compression get the same frames as others, in fewer bytes", async () => {
  harness = await openHarness({ options: { compressAboveBytes: 200 } });
  const tenantId = await harness.sender.tenant();
  const jobId = await harness.sender.job(tenantId, 400);
  const clients = offers.map((perMessageDeflate) =>
    harness.connect("/ws", {
      perMessageDeflate,
      protocols: ["pregonero.v1", `bearer.${harness.token(tenantId)}`],
    }),
  );
  for (const client of clients) {
    await client.type("connected");
    client.send({ type: "subscribe", channel: `job:${jobId}:messages` });
    await client.type("subscribed");
  }
  await harness.sender.move(jobId, { sent: phones(200) });
  await harness.sender.move(jobId, { sent: phones(200, 200) });
  for (const client of clients) await client.until(({ position }) => String(position).endsWith("-400"));
  const [plain] = clients;
  expect(plain?.of("events").length).toBeGreaterThan(0);
  for (const client of clients) expect(client.of("events")).toEqual(plain?.of("events"));

  const read = (client: FrameClient | undefined) => bytesRead(client);
  const [none, full, , small] = clients;
  expect(full?.socket.extensions).toBe("permessage-deflate");
  expect(read(full)).toBeLessThan(read(none) / 2);
  // Its window is smaller than ours, so nothing was compressed for it.
  expect(read(small)).toBeGreaterThan(read(none) * 0.9);
});

test("by default nothing is compressed", async () => {
  harness = await openHarness();
  const client = harness.connect(`/ws?token=${harness.token(await harness.sender.tenant())}`, {
    perMessageDeflate: true,
  });
  await client.type("connected");
  expect(client.socket.extensions).toBe("");
});

function bytesRead(client: FrameClient | undefined): number {
  // The socket under the WebSocket counts what came over the wire.
  const raw = (client?.socket as unknown as { _socket: { bytesRead: number } } | undefined)?._socket;
  return raw?.bytesRead ?? 0;
}
