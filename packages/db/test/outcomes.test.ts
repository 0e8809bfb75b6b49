import { mayBecome, messageStates } from "@pregonero/domain";
import { describe, expect, test } from "vitest";
import { applyOutcomes, cancelQueued, readNextWork, readOpenClaims } from "../src/index.ts";
import {
  claim,
  countersAndRecount,
  ended,
  leaseAll,
  makeJob,
  makeWorker,
  oneDevice,
  testDatabase,
} from "./fixtures.ts";

describe("outcomes", () => {
  test("the state machine in SQL is the one in the domain, for every pair of states", async () => {
    await using database = await testDatabase();
    const { rows } = await database.db.pool.query<{ f: string; t: string; ok: boolean }>(
      `SELECT f::text, t::text, message_may_become(f, t) AS ok
       FROM unnest(enum_range(NULL::message_state)) f, unnest(enum_range(NULL::message_state)) t`,
    );
    expect(rows).toHaveLength(messageStates.length ** 2);
    for (const from of messageStates) {
      for (const to of messageStates) {
        const row = rows.find((candidate) => candidate.f === from && candidate.t === to);
        expect(row?.ok, `${from} -> ${to}`).toBe(mayBecome(from, to));
      }
    }
  });

  test("each kind of end is counted, and the job ends with its last message", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 6 });
    const [a, b, c, d, e, f] = await claim(db, lease, 6);
    if (!a || !b || !c || !d || !e || !f) throw new Error("claims missing");
    const moved = await applyOutcomes(db, [
      ended("sent")(a),
      ended("delivered")(b),
      ended("read")(c),
      ended("failed", { errorCode: "not_on_whatsapp" })(d),
      ended("unknown", { settleMs: 60_000, errorCode: "outcome_unknown" })(e),
    ]);
    expect(moved.map((message) => message.to).sort()).toEqual([
      "delivered",
      "failed",
      "read",
      "sent",
      "unknown",
    ]);
    expect(moved.some((message) => message.jobCompleted)).toBe(false);
    const last = await applyOutcomes(db, [ended("unknown")(f)]);
    expect(last.some((message) => message.jobCompleted)).toBe(false);
    const settled = await applyOutcomes(db, [ended("sent")(e)]);
    expect(settled.every((message) => message.jobCompleted)).toBe(true);
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
    expect(counters).toMatchObject({ sent: 4, delivered: 2, read: 1, failed: 1, unknown: 1, settling: 0 });
    const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
    expect(job.status).toBe("completed");
    const history = await db.prisma.messageEvent.findMany({ where: { jobId, messageId: e.messageId } });
    expect(history.map((event) => [event.fromState, event.toState])).toEqual([
      ["sending", "unknown"],
      ["unknown", "sent"],
    ]);
  });

  test("an outcome of a claim that is not the row's own any more changes nothing", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 1 });
    const [first] = await claim(db, lease, 1);
    if (!first) throw new Error("no claim");
    await applyOutcomes(db, [ended("retrying", { dueMs: 0, errorCode: "provider_temporary" })(first)]);
    const [second] = await claim(db, lease, 1);
    expect(second).toMatchObject({ messageId: first.messageId, attempt: 2 });
    expect(await applyOutcomes(db, [ended("sent")(first)])).toEqual([]);
    const { counters } = await countersAndRecount(db, jobId);
    expect(counters).toMatchObject({ sending: 1, sent: 0 });
  });

  test("acks out of order and doubled only ever move a message forward", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 1 });
    const [message] = await claim(db, lease, 1);
    if (!message) throw new Error("no claim");
    for (const state of ["read", "sent", "delivered", "read", "failed", "unknown"] as const) {
      await applyOutcomes(db, [ended(state)(message)]);
    }
    const row = await db.prisma.message.findUniqueOrThrow({ where: { id: message.messageId } });
    expect(row.state).toBe("read");
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
  });

  test("a retry wakes its lane when it is due, spends its attempt, and a release does not", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease, deviceId } = await oneDevice(db);
    await makeJob(db, { tenantId, messages: 1 });
    const [message] = await claim(db, lease, 1);
    if (!message) throw new Error("no claim");
    expect(await claim(db, lease, 1)).toEqual([]);
    await applyOutcomes(db, [ended("retrying", { dueMs: 30_000, errorCode: "provider_temporary" })(message)]);
    expect(await claim(db, lease, 1)).toEqual([]);
    const inMs = (await readNextWork(db, [deviceId])).get(deviceId) ?? 0;
    expect(inMs).toBeGreaterThan(25_000);
    await db.pool.query("UPDATE messages SET due_at = now() WHERE id = $1", [message.messageId]);
    await db.pool.query("UPDATE lanes SET ready_at = now()");
    const [again] = await claim(db, lease, 1);
    expect(again?.attempt).toBe(2);
    if (again) await applyOutcomes(db, [ended("retrying", { dueMs: 0, refund: true })(again)]);
    expect((await claim(db, lease, 1))[0]?.attempt).toBe(2);
  });

  test("a cancelled job ends its unclaimed messages in chunks, and those under way by their own outcome", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease } = await oneDevice(db);
    const jobId = await makeJob(db, { tenantId, messages: 100 });
    const [a, b] = await claim(db, lease, 2);
    if (!a || !b) throw new Error("claims missing");
    await db.pool.query("UPDATE send_messages_jobs SET status = 'cancelled' WHERE id = $1", [jobId]);
    expect(await cancelQueued(db, jobId, 30)).toBe(30);
    while ((await cancelQueued(db, jobId, 30)) > 0);
    await applyOutcomes(db, [ended("sent")(a), ended("retrying", { dueMs: 0 })(b)]);
    expect((await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } })).cancelling).toBe(
      true,
    );
    expect(await cancelQueued(db, jobId, 30)).toBe(1);
    expect(await cancelQueued(db, jobId, 30)).toBe(0);
    const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
    expect(job).toMatchObject({ status: "cancelled", cancelled: 99, sent: 1, cancelling: false });
    const { counters, recount } = await countersAndRecount(db, jobId);
    expect(counters).toEqual(recount);
  });

  test("open claims of a device are found by its next holder", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId, lease, deviceId } = await oneDevice(db);
    await makeJob(db, { tenantId, messages: 3 });
    const claimed = await claim(db, lease, 2);
    await db.pool.query("UPDATE devices SET lease_expires_at = now() - interval '1 second'");
    const [next] = await leaseAll(db, await makeWorker(db));
    expect(next?.epoch).toBe(lease.epoch + 1);
    const open = await readOpenClaims(db, deviceId);
    expect(open.map((row) => row.providerMessageId).sort()).toEqual(
      claimed.map((message) => message.providerMessageId).sort(),
    );
    expect(open.every((row) => row.epoch === lease.epoch && row.state === "sending")).toBe(true);
  });
});
