import { maskPhone } from "@pregonero/domain";
import { describe, expect, test } from "vitest";
import { applyOutcomes, recordContextOpened, recordContextStatus } from "../src/index.ts";
import { makeDevice, makeJob, testDatabase } from "./fixtures.ts";
import { claim, ended, readRows, smallWorld, views } from "./small-world.ts";

describe("what the views say", () => {
  test("the queue: what waits, what is due again, what is under way, by tenant and by device", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, deviceId, lease } = await smallWorld(db);
    const [retried, unknown] = await claim(db, lease, 3);
    await applyOutcomes(db, [
      ended(retried, "retrying", { dueMs: 0, errorCode: "provider_temporary" }),
      ended(unknown, "unknown", { settleMs: 60_000, errorCode: "outcome_unknown" }),
    ]);
    const pausedId = await makeJob(db, { tenantId, messages: 7 });
    await db.pool.query("UPDATE send_messages_jobs SET status = 'paused' WHERE id = $1", [pausedId]);
    const rows = await readRows(db, "SELECT * FROM v_queue_depth ORDER BY device_id NULLS FIRST");
    const depth = { queued: 2, retrying: 1, due_retries: 1, paused: 7, in_flight: 1, settling: 1 };
    expect(rows).toMatchObject([
      { tenant: "acme", device_id: null, ...depth },
      { tenant: "acme", device_id: deviceId, ...depth },
    ]);
    expect(rows[0]?.["oldest_at"]).toBeInstanceOf(Date);
  });

  test("the queue is empty once everything has ended", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { lease } = await smallWorld(db);
    const claimed = await claim(db, lease, 5);
    await applyOutcomes(
      db,
      claimed.map((message) => ended(message, "sent")),
    );
    const nothing = { queued: 0, retrying: 0, due_retries: 0, paused: 0, in_flight: 0, settling: 0 };
    const rows = await readRows(db, "SELECT * FROM v_queue_depth");
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ ...nothing, oldest_at: null });
  });

  test("the last minute: a message counts as sent once, whichever ack came first", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { deviceId, lease } = await smallWorld(db);
    const [first, second, third, fourth] = await claim(db, lease, 4);
    await applyOutcomes(db, [ended(first, "sent"), ended(second, "read"), ended(third, "failed")]);
    await applyOutcomes(db, [ended(first, "delivered")]);
    await applyOutcomes(db, [ended(first, "read")]);
    await applyOutcomes(db, [ended(fourth, "sent", { at: new Date(Date.now() - 90_000) })]);
    const counts = { sent: 2, delivered: 2, read: 2, failed: 1, retried: 0, unknown: 0 };
    expect(await readRows(db, "SELECT * FROM v_throughput_1m ORDER BY device_id NULLS FIRST")).toMatchObject([
      { tenant: "acme", device_id: null, ...counts },
      { tenant: "acme", device_id: deviceId, ...counts },
    ]);
  });

  test("errors: by job and code, ended apart from those that may still go", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId, lease } = await smallWorld(db);
    const [first, second, third, fourth] = await claim(db, lease, 4);
    await applyOutcomes(db, [
      ended(first, "failed", { errorCode: "not_on_whatsapp" }),
      ended(second, "failed", { errorCode: "provider_temporary" }),
      ended(third, "retrying", { errorCode: "provider_temporary", dueMs: 60_000 }),
      ended(fourth, "unknown", { errorCode: "outcome_unknown", settleMs: 60_000 }),
    ]);
    const columns =
      "job_id, error_code, messages, ended, waiting_retry, settling, percent_of_job::float AS share";
    expect(await readRows(db, `SELECT ${columns} FROM v_error_breakdown ORDER BY error_code`)).toEqual([
      {
        job_id: jobId,
        error_code: "not_on_whatsapp",
        messages: 1,
        ended: 1,
        waiting_retry: 0,
        settling: 0,
        share: 20,
      },
      {
        job_id: jobId,
        error_code: "outcome_unknown",
        messages: 1,
        ended: 0,
        waiting_retry: 0,
        settling: 1,
        share: 20,
      },
      {
        job_id: jobId,
        error_code: "provider_temporary",
        messages: 2,
        ended: 1,
        waiting_retry: 1,
        settling: 0,
        share: 40,
      },
    ]);
  });

  test("progress: every message of a job is in exactly one column", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId, lease } = await smallWorld(db);
    const [first, second] = await claim(db, lease, 3);
    await applyOutcomes(db, [
      ended(first, "delivered"),
      ended(second, "retrying", { dueMs: 60_000, errorCode: "provider_temporary" }),
    ]);
    const [row] = await readRows(db, "SELECT * FROM v_job_progress WHERE job_id = $1", [jobId]);
    expect(row).toMatchObject({
      job: "bulk",
      status: "running",
      total: 5,
      queued: 2,
      retrying: 1,
      sending: 1,
      sent: 1,
      delivered: 1,
      percentage: "20.0",
    });
    expect(row?.["done_at"]).toBeInstanceOf(Date);
  });

  test("contexts: how full each worker is, and the fleet in all", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { deviceId, tenantId, workerId } = await smallWorld(db);
    const otherId = await makeDevice(db, tenantId);
    const open = async (id: number, browserSystemId: string) => {
      await recordContextOpened(db, { browserSystemId, deviceId: id, workerId, pid: 1 });
    };
    await open(deviceId, "00000000-0000-4000-8000-000000000001");
    await open(otherId, "00000000-0000-4000-8000-000000000002");
    await recordContextStatus(db, "00000000-0000-4000-8000-000000000001", "busy", null);
    const columns =
      "worker_id, slots::int, contexts::int, busy::int, disconnected::int, percent_of_slots::float";
    const figures = { slots: 10, contexts: 2, busy: 1, disconnected: 1, percent_of_slots: 20 };
    expect(
      await readRows(db, `SELECT ${columns} FROM v_context_utilisation ORDER BY worker_id NULLS FIRST`),
    ).toEqual([
      { worker_id: null, ...figures },
      { worker_id: workerId, ...figures },
    ]);
  });

  test("devices: one word of health each, the number masked", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { deviceId } = await smallWorld(db);
    await db.pool.query("UPDATE devices SET phone = '34600123678' WHERE id = $1", [deviceId]);
    const health = async () => (await readRows(db, "SELECT * FROM v_device_health"))[0];
    expect(await health()).toMatchObject({
      health: "ok",
      phone: "34*****678",
      worker: "worker",
      in_flight: 0,
    });
    await db.pool.query(
      "UPDATE devices SET aside_until = now() + interval '1 hour', aside_reason = 'banned'",
    );
    expect(await health()).toMatchObject({ health: "put aside", aside_reason: "banned" });
    await db.pool.query("UPDATE devices SET state = 'qr'");
    expect(await health()).toMatchObject({ health: "qr" });
    await db.pool.query("UPDATE devices SET lease_expires_at = now() - interval '1 second'");
    expect(await health()).toMatchObject({ health: "no worker", worker: null });
    await db.pool.query("UPDATE devices SET wanted = false");
    expect(await health()).toMatchObject({ health: "closed" });
  });

  test("a role may be given the views and not the tables", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await smallWorld(db);
    const role = `support_${process.pid}_${Date.now()}`;
    const client = await db.pool.connect();
    try {
      await client.query(`CREATE ROLE ${role};
        GRANT SELECT ON ${views.join(", ")} TO ${role};
        GRANT EXECUTE ON FUNCTION open_claims(), recent_moves(), queue_depth(), stuck() TO ${role};
        SET ROLE ${role}`);
      for (const view of views) await client.query(`SELECT * FROM ${view}`);
      for (const table of ["messages", "devices", "send_messages_jobs"]) {
        await expect(client.query(`SELECT 1 FROM ${table}`)).rejects.toThrow("permission denied");
      }
    } finally {
      await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
      client.release();
    }
  });

  test("phones are masked as the rest of the product masks them", async () => {
    await using database = await testDatabase();
    const phones = ["34600123678", "+34 600 123 678", " +34600123678", "1234567", "12345678", "", "abc"];
    const [row] = await readRows(
      database.db,
      "SELECT array_agg(mask_phone(p) ORDER BY n) AS masked FROM unnest($1::text[]) WITH ORDINALITY u (p, n)",
      [phones],
    );
    expect(row?.["masked"]).toEqual(phones.map(maskPhone));
  });
});
