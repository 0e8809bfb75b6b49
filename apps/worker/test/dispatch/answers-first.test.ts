import { claimMessages, confirmClaims, applyOutcomes } from "@pregonero/db";
import { makeJob } from "@pregonero/db/testing";
import { createLogger } from "@pregonero/runtime";
import type { Pacing } from "@pregonero/contracts";
import { expect, test } from "vitest";
import type { Channel, SendOutcome } from "../../src/channels/channel.ts";
import { Contents } from "../../src/dispatch/content.ts";
import { OutcomeWriter } from "../../src/dispatch/outcome-writer.ts";
import { DevicePace } from "../../src/dispatch/pace.ts";
import { TimeZones } from "../../src/dispatch/time-zones.ts";
import { Turn } from "../../src/dispatch/turn.ts";
import { heldDevice, type HeldDevice } from "./held-device.ts";

const never = () => Promise.reject(new Error("not of this test"));
const sent: SendOutcome = { kind: "sent", ack: "sent" };

/** A turn of a device that sends one after the other; `arrived` is called with each number, before the next goes. */
function turnOf(
  { db, lease }: HeldDevice,
  arrived: (phone: string) => Promise<void>,
  pacing: Pacing = {},
): { turn: Turn; ended: (signal: AbortSignal) => Promise<void> } {
  const log = createLogger({ service: "test", level: "error", file: null });
  const channel: Channel = {
    maxInFlight: 1,
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: ({ to }) => arrived(to).then(() => sent),
    lookup: () => Promise.resolve(new Map()),
    checkNumber: () => Promise.resolve("dont_know"),
    requestPairingCode: never,
    logout: never,
  };
  const writer = new OutcomeWriter({
    apply: (outcomes) => applyOutcomes(db, outcomes),
    moved: () => Promise.resolve(),
    log,
  });
  const turn = new Turn({
    lease,
    channel,
    store: {
      claim: (request) => claimMessages(db, request),
      confirm: (ids) => confirmClaims(db, ids),
      uncount: () => Promise.resolve(),
    },
    writer,
    pace: new DevicePace({
      stored: pacing,
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
  const ended = async (signal: AbortSignal): Promise<void> => {
    await turn.run(signal);
    await writer.flush();
    await log.close();
  };
  return { turn, ended };
}

const answerPhone = "34700000001";
const isCampaign = (phone: string): boolean => phone !== answerPhone;

async function placeAnswer({ db, tenantId, lease }: HeldDevice): Promise<void> {
  const devices = [lease.deviceId];
  await makeJob(db, { tenantId, messages: 1, devices, laneClass: "interactive", firstPhone: 34_700_000_000 });
}

test("an answer goes before the messages of a campaign that are claimed already", async () => {
  await using device = await heldDevice();
  await makeJob(device.db, { tenantId: device.tenantId, messages: 200, devices: [device.lease.deviceId] });
  const order: string[] = [];
  const stop = new AbortController();
  const { turn, ended } = turnOf(device, async (phone) => {
    order.push(phone);
    // Seven more are at hand by now.
    if (order.length === 20) {
      await placeAnswer(device);
      turn.nudge();
    }
    // As long as the claim of the answer takes.
    await new Promise((resolve) => setTimeout(resolve, 60));
    if (!isCampaign(phone) || order.length > 40) stop.abort();
  });
  await ended(stop.signal);
  expect(order.indexOf(answerPhone)).toBeGreaterThan(19);
  expect(order.indexOf(answerPhone)).toBeLessThanOrEqual(21);
});

test("an answer waits neither for the pace of a campaign nor for the device's daily cap", async () => {
  await using device = await heldDevice();
  await makeJob(device.db, { tenantId: device.tenantId, messages: 10, devices: [device.lease.deviceId] });
  const order: string[] = [];
  const stop = new AbortController();
  const pacing: Pacing = { messages_per_minute: 1, daily_cap: 1 };
  const { turn, ended } = turnOf(
    device,
    async (phone) => {
      order.push(phone);
      if (!isCampaign(phone)) stop.abort();
      else {
        await placeAnswer(device);
        turn.nudge();
      }
    },
    pacing,
  );
  const beganAtMs = performance.now();
  await ended(stop.signal);
  expect(order).toEqual([order[0], answerPhone]);
  // The pace would have it wait for a minute.
  expect(performance.now() - beganAtMs).toBeLessThan(15_000);
});

test("while pacing holds a campaign back, the rows are not asked over and over", async () => {
  await using device = await heldDevice();
  const { db, lease, tenantId } = device;
  await makeJob(db, { tenantId, messages: 10, devices: [lease.deviceId] });
  const stop = new AbortController();
  const { ended } = turnOf(device, () => Promise.resolve(), { messages_per_minute: 1 });
  const before = await claims(device);
  setTimeout(() => stop.abort(), 1_500);
  await ended(stop.signal);
  expect((await claims(device)) - before).toBeLessThan(8);
});

/** Calls of the fence, as Postgres counts them. */
async function claims({ db }: HeldDevice): Promise<number> {
  await db.pool.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await db.pool.query<{ calls: number }>(
    `SELECT coalesce(sum(xact_commit), 0)::int AS calls FROM pg_stat_database WHERE datname = current_database()`,
  );
  return rows[0]?.calls ?? 0;
}
