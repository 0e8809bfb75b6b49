import { applyOutcomes, claimMessages, confirmClaims, uncountClaims } from "@pregonero/db";
import { countersAndRecount, makeJob } from "@pregonero/db/testing";
import { createLogger } from "@pregonero/runtime";
import { expect, test } from "vitest";
import type { Channel } from "../../src/channels/channel.ts";
import { Contents } from "../../src/dispatch/content.ts";
import { OutcomeWriter } from "../../src/dispatch/outcome-writer.ts";
import { DevicePace } from "../../src/dispatch/pace.ts";
import { TimeZones } from "../../src/dispatch/time-zones.ts";
import { Turn } from "../../src/dispatch/turn.ts";
import { heldDevice, type HeldDevice } from "./held-device.ts";

const never = () => Promise.reject(new Error("not of this test"));

async function runTurn(
  { db, lease }: HeldDevice,
  send: Channel["send"],
  more: Partial<Channel> = {},
  pacing: { readonly stored: object; readonly zones: ReadonlyMap<string, readonly string[]> } = {
    stored: {},
    zones: new Map(),
  },
): Promise<void> {
  const log = createLogger({ service: "test", level: "error", file: null });
  const writer = new OutcomeWriter({
    apply: (outcomes) => applyOutcomes(db, outcomes),
    moved: () => Promise.resolve(),
    log,
  });
  const turn = new Turn({
    lease,
    channel: {
      maxInFlight: 10,
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      send,
      lookup: () => Promise.resolve(new Map()),
      checkNumber: () => Promise.resolve("dont_know"),
      requestPairingCode: never,
      logout: never,
      ...more,
    },
    store: {
      claim: (request) => claimMessages(db, request),
      confirm: (ids) => confirmClaims(db, ids),
      uncount: (given) => uncountClaims(db, given),
    },
    writer,
    pace: new DevicePace({
      stored: pacing.stored,
      fallback: {},
      linkedAt: null,
      dueInMs: null,
      timeZones: new TimeZones(pacing.zones),
    }),
    contents: new Contents(),
    log,
    ended: () => undefined,
    turnMs: 20_000,
    settleMs: 1_000,
  });
  await turn.run(new AbortController().signal);
  await writer.flush();
  await log.close();
}

test("one message that cannot be written fails by itself and stops none of the others", async () => {
  await using device = await heldDevice();
  const { db, tenantId, lease } = device;
  const jobId = await makeJob(db, { tenantId, messages: 50, devices: [lease.deviceId] });
  await db.pool.query("UPDATE send_messages_jobs SET body = 'Hola {{nombre}}' WHERE id = $1", [jobId]);
  await db.pool.query(`UPDATE messages SET variables = '{"nombre": "Ana"}' WHERE job_id = $1 AND seq <> 7`, [
    jobId,
  ]);
  const texts: string[] = [];
  await runTurn(device, ({ content }) => {
    texts.push(content.kind === "text" ? content.text : "");
    return Promise.resolve({ kind: "sent", ack: "sent" });
  });
  expect(texts).toEqual(Array.from({ length: 49 }, () => "Hola Ana"));
  const { counters, recount } = await countersAndRecount(db, jobId);
  expect(counters).toEqual(recount);
  expect(counters).toMatchObject({ sent: 49, failed: 1, sending: 0, unknown: 0 });
  const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
  expect(job.status).toBe("completed");
});

test("what a gateway calls a message is written down, where its webhooks know no other name", async () => {
  await using device = await heldDevice();
  const { db, tenantId, lease } = device;
  const send: Channel["send"] = ({ providerMessageId }) =>
    Promise.resolve({ kind: "sent", ack: "sent", providerRef: `gw-${providerMessageId}` });
  await makeJob(db, { tenantId, messages: 3, devices: [lease.deviceId] });
  await runTurn(device, send);
  expect(await db.prisma.providerRef.count()).toBe(0);
  await makeJob(db, { tenantId, messages: 3, devices: [lease.deviceId] });
  await runTurn(device, send, { toldByProviderRef: true });
  const refs = await db.prisma.providerRef.findMany();
  expect(refs).toHaveLength(3);
  for (const { deviceId, ref, providerMessageId } of refs) {
    expect({ deviceId, ref }).toEqual({ deviceId: lease.deviceId, ref: `gw-${providerMessageId}` });
  }
});

test("recipients who sleep spend neither the day's cap nor the pace of those who are awake", async () => {
  await using device = await heldDevice();
  const { db, tenantId, lease } = device;
  // Numbers 3460…1 to 3460…60 sleep, those from 3461 on are awake: an hour of the day that it is there, and is not here.
  const hour = new Date().getUTCHours();
  const clock = (hours: number) => `${String((hours + 24) % 24).padStart(2, "0")}:00`;
  const quiet_hours = { from: clock(hour - 1), to: clock(hour + 2), of: "recipient" };
  const asleep = await makeJob(db, { tenantId, messages: 60, devices: [lease.deviceId], priority: 10 });
  const awake = await makeJob(db, {
    tenantId,
    messages: 10,
    devices: [lease.deviceId],
    firstPhone: 34_610_000_000,
  });
  await runTurn(
    device,
    () => Promise.resolve({ kind: "sent", ack: "sent" }),
    {},
    {
      // One an hour after a burst of 20: were the sleeping counted, none of the others would go.
      stored: { quiet_hours, daily_cap: 30, messages_per_minute: 1 / 60, burst: 20 },
      zones: new Map([
        ["3460", ["Etc/UTC"]],
        ["3461", ["Etc/GMT-12"]],
      ]),
    },
  );
  expect((await countersAndRecount(db, asleep)).counters).toMatchObject({ sent: 0, sending: 0 });
  expect((await countersAndRecount(db, awake)).counters).toMatchObject({ sent: 10 });
  const [day] = await db.prisma.deviceDay.findMany();
  expect(day?.claimed).toBe(10);
  const waiting = await db.prisma.message.findMany({ where: { jobId: asleep, state: "retrying" } });
  expect(waiting).toHaveLength(60);
  // Nothing was spent on them, and they are due when their night is over.
  expect(waiting.every(({ attempts, dueAt }) => attempts === 0 && (dueAt?.getTime() ?? 0) > Date.now())).toBe(
    true,
  );
});
