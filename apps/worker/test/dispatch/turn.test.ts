import { applyOutcomes, claimMessages, confirmClaims } from "@pregonero/db";
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
    store: { claim: (request) => claimMessages(db, request), confirm: (ids) => confirmClaims(db, ids) },
    writer,
    pace: new DevicePace({
      stored: {},
      fallback: {},
      linkedAt: null,
      dueInMs: null,
      timeZones: new TimeZones(new Map()),
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
