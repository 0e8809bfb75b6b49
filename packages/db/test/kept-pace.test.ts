import { expect, test } from "vitest";
import { acquireDevices, claimMessages, holdBack, releaseLease } from "../src/index.ts";
import { makeJob, makeWorker, oneDevice, testDatabase } from "./fixtures.ts";

async function paced() {
  const database = await testDatabase();
  const { db } = database;
  const { tenantId, deviceId, workerId, lease } = await oneDevice(db);
  await makeJob(db, { tenantId, messages: 100, devices: [deviceId] });
  const request = { quantum: 100, sendMs: 1_000, laneClass: "bulk" as const };
  return {
    db,
    lease,
    claim: (limit: number, pace: { gapMs: number; tokens: number; tokenMs: number } | null) =>
      claimMessages(db, { ...request, lease, limit, pace }),
    /** What another worker learns when it takes the device over. */
    dueInMs: async () => {
      await releaseLease(db, { workerId, deviceId, epoch: lease.epoch });
      const next = await makeWorker(db);
      const [taken] = await acquireDevices(db, {
        workerId: next,
        kinds: ["whatsapp_web"],
        limit: 1,
        leaseMs: 60_000,
      });
      return taken?.dueInMs ?? null;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

test("a takeover keeps the gap after the last message", async () => {
  await using device = await paced();
  expect(await device.claim(1, { gapMs: 60_000, tokens: 1, tokenMs: 0 })).toHaveLength(1);
  const dueInMs = await device.dueInMs();
  expect(dueInMs).toBeGreaterThan(50_000);
  expect(dueInMs).toBeLessThanOrEqual(60_000);
});

test("a takeover knows how much of the burst is spent", async () => {
  await using device = await paced();
  // 10 tokens, 4 taken: of 6 that are left, the first was there five minutes ago.
  expect(await device.claim(4, { gapMs: 0, tokens: 10, tokenMs: 60_000 })).toHaveLength(4);
  const dueInMs = await device.dueInMs();
  expect(dueInMs).toBeLessThanOrEqual(-300_000);
  expect(dueInMs).toBeGreaterThan(-310_000);
});

test("a back-off outlives its holder, and a chat reply before its end does not shorten it", async () => {
  await using device = await paced();
  await holdBack(device.db, device.lease, 300_000);
  await holdBack(device.db, device.lease, 1_000);
  await device.claim(1, { gapMs: 10, tokens: 1, tokenMs: 0 });
  expect(await device.dueInMs()).toBeGreaterThan(290_000);
});

test("a former holder cannot hold the device back", async () => {
  await using device = await paced();
  await holdBack(device.db, { ...device.lease, epoch: device.lease.epoch - 1 }, 300_000);
  expect(await device.dueInMs()).toBeNull();
});

test("devices without limits are written nothing", async () => {
  await using device = await paced();
  await device.claim(10, null);
  expect(await device.dueInMs()).toBeNull();
});
