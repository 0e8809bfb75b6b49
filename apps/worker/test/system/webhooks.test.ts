import { createWebhookEndpoint, openKeyring, transaction } from "@pregonero/db";
import { expect, test, vi } from "vitest";
import { Receiver } from "../webhooks/receiver.ts";
import { credentialsKey, Fleet } from "./fleet.ts";

test("kill -9 between a post and its record: another worker posts the same event again, and nothing is lost", async () => {
  await using fleet = await Fleet.start({
    workers: 2,
    devices: 0,
    env: { OUTBOUND_ALLOW: "127.0.0.1", WEBHOOK_TIMEOUT_MS: "1000" },
  });
  const { db, tenantId } = fleet;
  let answering = false;
  await using receiver = await Receiver.start((_event, res) => {
    if (answering) res.end();
  });
  await transaction(db, (tx) =>
    createWebhookEndpoint(tx, openKeyring(credentialsKey), {
      tenantId,
      most: 1,
      url: receiver.url,
      event_types: ["job.paused"],
      description: "",
      enabled: true,
    }),
  );
  await db.pool.query("SELECT emit_webhook_event($1, 'job.paused', now(), '{}')", [tenantId]);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 10_000, interval: 5 });
  const { rows: holders } = await db.pool.query<{ pid: number }>(
    "SELECT w.pid FROM webhook_deliveries d JOIN workers w ON w.id = d.worker_id",
  );
  const holder = fleet.workers.find((worker) => worker.pid === holders[0]?.pid);
  holder?.kill("SIGKILL");
  await holder?.exited;
  answering = true;
  await vi.waitFor(
    async () => {
      const { rows } = await db.pool.query("SELECT status, attempts FROM webhook_deliveries");
      expect(rows).toEqual([{ status: "delivered", attempts: 2 }]);
    },
    { timeout: 20_000, interval: 50 },
  );
  expect(holder).toBeDefined();
  const [first, again] = receiver.received;
  expect(again?.body).toBe(first?.body);
}, 60_000);
