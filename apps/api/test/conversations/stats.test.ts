import type {
  CampaignCreated,
  CampaignStats,
  DayStats,
  DeviceStats,
  TenantStats,
} from "@pregonero/contracts";
import { applyOutcomes, retryFailed, transaction, type Outcome } from "@pregonero/db";
import { statsAndRecount } from "@pregonero/db/testing";
import { randomBytes } from "node:crypto";
import { beforeAll, expect, test, vi } from "vitest";
import { testApi } from "../support/suite.ts";
import {
  makeReportingDevice,
  makeSentJob,
  postCloud,
  statusBody,
  type ReportingDevice,
} from "../webhooks/reported.ts";
import { inboxOf, listen } from "./inbox.ts";

const app = testApi({ CREDENTIALS_KEY: randomBytes(32).toString("base64") });
let device: ReportingDevice;
const inbox = inboxOf(app, () => device);

beforeAll(async () => {
  device = await makeReportingDevice(app(), "whatsapp_cloud");
});

const today = async (): Promise<TenantStats> =>
  (await app().call<TenantStats>("GET", "/api/v1/stats/today")).body;

async function expectExact(): Promise<void> {
  const { kept, recount } = await statsAndRecount(app().db, app().tenantId);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept).toEqual(recount);
}

/** Numbers that repeat from run to run, so that a failure does. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

test("figures equal a recount after outcomes in any order, retries, late acks, answers and replies", async () => {
  const random = numbers(7);
  const jobs = await Promise.all(
    [40, 25].map((messages) =>
      makeSentJob(app().db, { tenantId: app().tenantId, deviceId: device.id, messages, state: "sending" }),
    ),
  );
  const ids = jobs.flatMap((job) => job.ids);
  const states = ["sent", "delivered", "read", "failed", "unknown", "retrying"] as const;
  for (let round = 0; round < 12; round++) {
    const outcomes = new Map<string, Outcome>();
    for (let n = 0; n < 20; n++) {
      const providerMessageId = ids[random.next().value % ids.length] ?? "";
      const state = states[random.next().value % states.length] ?? "sent";
      // Within two hours: several quarters of an hour are touched.
      const at = new Date(Date.now() - (random.next().value % 7_200_000));
      outcomes.set(providerMessageId, {
        providerMessageId,
        state,
        at,
        ...(state === "failed" ? { errorCode: "rejected" } : {}),
      });
    }
    await applyOutcomes(app().db, [...outcomes.values()]);
    if (round === 5)
      for (const { jobId } of jobs) await transaction(app().db, (tx) => retryFailed(tx, jobId));
    await expectExact();
  }
  const { rows } = await app().db.pool.query<{ phone: string }>(
    "SELECT phone FROM messages WHERE state IN ('sent', 'delivered', 'read') AND sent_at > now() - interval '7 days' LIMIT 6",
  );
  for (const { phone } of rows) {
    await inbox.says(phone, "gracias");
    await inbox.says(phone, "otra vez");
  }
  const replied = await app().count("messages", "replied_at IS NOT NULL");
  expect(replied).toBe(rows.length);
  const conversation = await inbox.conversation(rows[0]?.phone ?? "");
  const placed = await app().call<{ id: string }>(
    "POST",
    `/api/v1/conversations/${conversation.id}/messages`,
    {
      json: { text: "de nada" },
    },
  );
  await app().db.pool.query(
    `UPDATE messages SET state = 'sending', device_id = $2, provider_message_id = $1::text,
       send_by = now() + interval '1 minute' WHERE id = $1::uuid`,
    [placed.body.id, device.id],
  );
  await postCloud(app(), device, statusBody([{ id: placed.body.id, status: "read" }]));
  await expectExact();
});

test("they are told by day, by device and by campaign, with rates", async () => {
  const { body: made } = await app().call<CampaignCreated>("POST", "/api/v1/campaigns", {
    json: {
      name: "Stats",
      body: "hi",
      recipients: [{ phone: "+34620000001" }, { phone: "+34620000002" }],
      device_ids: [device.id],
    },
  });
  const { rows } = await app().db.pool.query<{ id: string }>(
    `UPDATE messages SET state = 'sending', attempts = 1, device_id = $2, claim_epoch = 1,
       provider_message_id = gen_random_uuid()::text, send_by = now() + interval '1 minute', claimed_at = now()
     WHERE job_id = $1 RETURNING provider_message_id AS id`,
    [made.job.id, device.id],
  );
  const at = new Date();
  await applyOutcomes(app().db, [
    { providerMessageId: rows[0]?.id ?? "", state: "read", at },
    { providerMessageId: rows[1]?.id ?? "", state: "sent", at },
  ]);
  await inbox.says("34620000001", "me interesa");

  const campaigns = await app().call<{ items: CampaignStats[] }>("GET", "/api/v1/stats/campaigns");
  expect(campaigns.body.items).toMatchObject([
    {
      campaign_id: made.campaign.id,
      sent: 2,
      delivered: 1,
      read: 1,
      received: 1,
      delivery_rate: 0.5,
      read_rate: 0.5,
      reply_rate: 0.5,
    },
  ]);
  const days = await app().call<{ items: DayStats[] }>("GET", "/api/v1/stats/days");
  expect(days.body.items).toHaveLength(30);
  const devices = await app().call<{ items: DeviceStats[] }>("GET", "/api/v1/stats/devices");
  const sum = days.body.items.reduce((total, { sent }) => total + sent, 0);
  expect(devices.body.items.map(({ device_id, sent }) => [device_id, sent])).toEqual([[device.id, sum]]);
  expect(days.body.items.at(-1)).toMatchObject({ day: (await today()).day, sent: (await today()).sent });
});

test("days are those of the tenant's time zone", async () => {
  const midday = new Date("2026-03-10T12:00:00Z");
  await app().db.pool.query(
    `INSERT INTO message_stats (tenant_id, slot, device_id, job_id, sent) VALUES
       ($1, '2026-03-09T23:45:00Z', $2, gen_random_uuid(), 3), ($1, '2026-03-09T18:15:00Z', $2, gen_random_uuid(), 4)`,
    [app().tenantId, device.id],
  );
  const sentOn = async (zone: string): Promise<number[]> => {
    await app().call("PATCH", "/api/v1/bot/settings", { json: { time_zone: zone } });
    const day = midday.toISOString().slice(0, 10);
    const { body } = await app().call<{ items: DayStats[] }>(
      "GET",
      `/api/v1/stats/days?from=2026-03-09&to=${day}`,
    );
    return body.items.map(({ sent }) => sent);
  };
  expect(await sentOn("UTC")).toEqual([7, 0]);
  expect(await sentOn("Europe/Madrid")).toEqual([4, 3]);
  expect(await sentOn("Asia/Kathmandu")).toEqual([0, 7]);
  await app().call("PATCH", "/api/v1/bot/settings", { json: { time_zone: "UTC" } });
});

test("changes are told once a second at most, and the last one in any case", async () => {
  await using crm = await listen(app());
  for (let n = 0; n < 30; n++) await inbox.says("34620000100", `n ${n}`);
  const expected = (await today()).received;
  await vi.waitFor(() => expect(crm.of("stats_updated").at(-1)?.data.stats.received).toBe(expected), {
    timeout: 5_000,
  });
  const times = crm.events.flatMap((event, n) => (event.type === "stats_updated" ? [crm.at[n] ?? 0] : []));
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(gaps.every((gap) => gap > 900)).toBe(true);
});
