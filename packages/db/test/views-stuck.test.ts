import { describe, expect, test } from "vitest";
import { applyOutcomes, type Database, type Outcome } from "../src/index.ts";
import { testDatabase } from "./fixtures.ts";
import { claim, ended, readRows, smallWorld, type SmallWorld } from "./small-world.ts";

describe("what is stuck, and why", () => {
  const claimAll =
    (state: Outcome["state"], more: Partial<Outcome>) =>
    async (db: Database, { lease }: SmallWorld) => {
      const claimed = await claim(db, lease, 5);
      await applyOutcomes(
        db,
        claimed.map((message) => ended(message, state, more)),
      );
    };
  const run = (sql: string) => async (db: Database) => void (await db.pool.query(sql));

  /** What is done to a world in which all moves; the reasons then given for the job and for the device. */
  const cases: readonly {
    readonly name: string;
    readonly act: (db: Database, world: SmallWorld) => Promise<void>;
    readonly job?: RegExp;
    readonly device?: RegExp;
  }[] = [
    { name: "nothing, while all moves", act: async () => undefined },
    {
      name: "a pause, with its reason",
      act: run("UPDATE send_messages_jobs SET status = 'paused', status_reason = 'paused by ana'"),
      job: /^paused by ana$/,
    },
    {
      name: "a pause that somebody gave another reason",
      act: run("UPDATE send_messages_jobs SET status = 'paused', status_reason = 'wrong list'"),
      job: /^paused: wrong list$/,
    },
    {
      name: "a fleet without a living worker",
      act: run(
        "UPDATE workers SET heartbeat_at = now() - interval '1 minute'; UPDATE devices SET lease_worker_id = NULL",
      ),
      job: /^no worker is alive$/,
      device: /^no worker is alive$/,
    },
    {
      name: "no room for a device that is wanted",
      act: run(
        `UPDATE workers SET slots = 1; UPDATE devices SET lease_expires_at = now() - interval '1 second';
         INSERT INTO devices (tenant_id, name, kind, wanted, state, lease_worker_id, lease_epoch, lease_expires_at)
         SELECT tenant_id, 'other', kind, true, 'connected', lease_worker_id, 1, now() + interval '1 minute' FROM devices`,
      ),
      job: /^no connected device: 1 without a worker$/,
      device: /^wanted, but no worker has room: 1 of 1 slots are taken$/,
    },
    {
      name: "a device that waits to be linked",
      act: run("UPDATE devices SET state = 'qr'"),
      job: /^no connected device: 1 waiting for the code to be scanned$/,
      device: /^waits for its code to be scanned$/,
    },
    {
      name: "a device in error, with the reason",
      act: run("UPDATE devices SET state = 'error', state_reason = 'page crashed'"),
      job: /^no connected device: 1 in error$/,
      device: /^error: page crashed$/,
    },
    {
      name: "a device that nobody wants connected",
      act: run("UPDATE devices SET wanted = false, state = 'disconnected'"),
      job: /^no connected device: 1 closed$/,
    },
    {
      name: "all devices put aside, with the reason",
      act: run(
        "UPDATE devices SET aside_until = now() + interval '1 hour', aside_reason = 'sends get no ack'",
      ),
      job: /^every connected device is put aside, the first until \d{4}-.* UTC: sends get no ack$/,
      device: /^put aside until \d{4}-.* UTC: sends get no ack$/,
    },
    {
      name: "devices that rest",
      act: run(
        `UPDATE devices SET pacing = '{"daily_cap": 3}';
         INSERT INTO device_days SELECT id, (now() AT TIME ZONE 'UTC')::date, 3 FROM devices`,
      ),
      job: /^its connected devices rest: daily cap of 3 reached$/,
    },
    {
      name: "no device at all",
      act: run("DELETE FROM lanes"),
      job: /^no device may send for it/,
    },
    {
      name: "retries that are not due yet",
      act: claimAll("retrying", { dueMs: 3_600_000, errorCode: "provider_temporary" }),
      job: /^5 waiting for retry until \d{4}-.* UTC$/,
    },
    {
      name: "unknown outcomes that are being settled",
      act: claimAll("unknown", { settleMs: 600_000, errorCode: "outcome_unknown" }),
      job: /^5 unknown being settled, until \d{4}-.* UTC at the latest$/,
    },
    {
      name: "sends that never end",
      act: async (db, { lease }) => {
        await claim(db, lease, 5);
        await db.pool.query("UPDATE messages SET claimed_at = now() - interval '5 minutes'");
      },
      job: /^sends under way without an outcome since \d{4}-.* UTC$/,
      device: /^5 sends under way without an outcome since \d{4}-.* UTC$/,
    },
    {
      name: "a schedule that nobody started",
      act: run(
        "UPDATE send_messages_jobs SET status = 'scheduled', scheduled_at = now() - interval '1 minute'",
      ),
      job: /^was to start at \d{4}-.* UTC and nobody has started it$/,
    },
    {
      name: "a cancellation that did not come through",
      act: run(
        "UPDATE send_messages_jobs SET status = 'cancelled', updated_at = now() - interval '2 minutes'",
      ),
      job: /^cancelled, and its messages have not followed$/,
    },
    {
      name: "a long pause between two messages",
      act: run(
        "UPDATE lanes SET ready_at = now() + interval '1 hour'; UPDATE send_messages_jobs SET updated_at = now() - interval '2 minutes'",
      ),
      job: /^waits for its pace until \d{4}-.* UTC$/,
    },
    {
      name: "lanes that sleep though there is work",
      act: run(
        "UPDATE lanes SET ready_at = 'infinity'; UPDATE send_messages_jobs SET updated_at = now() - interval '2 minutes'",
      ),
      job: /^its lanes sleep though it has work$/,
    },
    {
      name: "a worker that does nothing",
      act: run("UPDATE send_messages_jobs SET updated_at = now() - interval '2 minutes'"),
      job: /^a connected device could take its messages and does not$/,
    },
  ];

  test.each(cases)("$name", async ({ act, job, device }) => {
    await using database = await testDatabase();
    const { db } = database;
    const world = await smallWorld(db);
    await act(db, world);
    const rows = await readRows(db, "SELECT what, job_id, device_id, reason FROM v_stuck ORDER BY what DESC");
    const expected = [
      ...(job
        ? [{ what: "job", job_id: world.jobId, device_id: null, reason: expect.stringMatching(job) }]
        : []),
      ...(device
        ? [{ what: "device", job_id: null, device_id: world.deviceId, reason: expect.stringMatching(device) }]
        : []),
    ];
    expect(rows).toEqual(expected);
  });
});
