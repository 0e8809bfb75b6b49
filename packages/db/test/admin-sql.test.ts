import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  applyOutcomes,
  balanceLanes,
  cancelQueued,
  holdUnknown,
  readCancellingJobs,
  readUnannouncedJobs,
  type Database,
} from "../src/index.ts";
import { countersAndRecount, testDatabase } from "./fixtures.ts";
import { claim, ended, readRows, smallWorld } from "./small-world.ts";

/** The SQL that docs/admin-sql.md gives under a heading. */
async function recipes(heading: string): Promise<string[]> {
  const text = await readFile(new URL("../../../docs/admin-sql.md", import.meta.url), "utf8");
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/admin-sql.md has no section "${heading}"`);
  return [...section.matchAll(/```sql\n([^`]*)```/g)].map(([, sql = ""]) => sql);
}

/** Runs a recipe as psql would, with its variables set. */
async function follow(db: Database, sql: string | undefined, variables: Record<string, string | number>) {
  if (sql === undefined) throw new Error("the recipe is gone");
  const filled = sql.replaceAll(/(?<!:):('?)(\w+)\1/g, (_, quote: string, name: string) => {
    return `${quote}${variables[name]}${quote}`;
  });
  return await readRows(db, filled);
}

const statusOf = async (db: Database, jobId: string) =>
  (await readRows(db, "SELECT status FROM send_messages_jobs WHERE id = $1", [jobId]))[0]?.["status"];

describe("what docs/admin-sql.md tells admins to do", () => {
  test("pausing stops claims at once, resuming goes on, and both are owed to listeners", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job, lease } = await smallWorld(db);
    const [pause, resume] = await recipes("Pause and resume a job");
    expect(await claim(db, lease, 1)).toHaveLength(1);
    await follow(db, pause, { job });
    expect(await claim(db, lease, 1)).toEqual([]);
    expect(await readUnannouncedJobs(db)).toMatchObject([{ id: job }]);
    await follow(db, resume, { job });
    expect(await statusOf(db, job)).toBe("running");
    expect(await claim(db, lease, 5)).toHaveLength(4);
  });

  test("cancelling leaves the rest to the reconciler, which ends every waiting message", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job } = await smallWorld(db);
    const [cancel] = await recipes("Cancel a job");
    await follow(db, cancel, { job });
    expect(await readCancellingJobs(db)).toEqual([job]);
    while ((await cancelQueued(db, job, 2)) > 0);
    const { counters, recount } = await countersAndRecount(db, job);
    expect(counters).toEqual(recount);
    expect(counters).toMatchObject({ cancelled: 5 });
  });

  test("a device that is put aside claims nothing until it is taken back", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { deviceId: device, lease } = await smallWorld(db);
    const [aside, back] = await recipes("Put a device aside, take it back");
    await follow(db, aside, { device });
    expect(await claim(db, lease, 1)).toEqual([]);
    await follow(db, back, { device });
    await balanceLanes(db);
    expect(await claim(db, lease, 1)).toHaveLength(1);
  });

  test("failed messages of a completed job are tried again", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job, lease } = await smallWorld(db);
    const claimed = await claim(db, lease, 5);
    await applyOutcomes(
      db,
      claimed.map((message) => ended(message, "failed", { errorCode: "rejected" })),
    );
    const [retry] = await recipes("Try failed messages again");
    expect(await follow(db, retry, { job })).toEqual([{ retry_failed: 5 }]);
    expect(await claim(db, lease, 5)).toHaveLength(5);
  });

  test("unknown messages are sent again, those that are being settled are not", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job, lease } = await smallWorld(db);
    const [held, settling, ...others] = await claim(db, lease, 5);
    await applyOutcomes(db, [
      ended(held, "unknown", { errorCode: "outcome_unknown", settleMs: 60_000 }),
      ended(settling, "unknown", { errorCode: "outcome_unknown", settleMs: 60_000 }),
      ...others.map((message) => ended(message, "sent")),
    ]);
    await holdUnknown(db, [held?.providerMessageId ?? ""]);
    const [look, resend] = await recipes("Send unknown messages again");
    expect(await follow(db, look, { job })).toMatchObject([{ phone: held?.phone }]);
    expect(await follow(db, resend, { job })).toEqual([{ resend_unknown: 1 }]);
    expect(await claim(db, lease, 5)).toMatchObject([{ phone: held?.phone, attempt: 1 }]);
    const { counters, recount } = await countersAndRecount(db, job);
    expect(counters).toEqual(recount);
    expect(counters).toMatchObject({ sending: 1, unknown: 1, settling: 1, sent: 3 });
  });

  test("unknown messages of a completed job are sent again, of a cancelled one they are not", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job, lease } = await smallWorld(db);
    const claimed = await claim(db, lease, 5);
    await applyOutcomes(
      db,
      claimed.map((message) => ended(message, "unknown", { errorCode: "outcome_unknown" })),
    );
    expect(await statusOf(db, job)).toBe("completed");
    const [, resend] = await recipes("Send unknown messages again");
    await follow(db, resend, { job });
    expect(await statusOf(db, job)).toBe("running");
    await applyOutcomes(
      db,
      (await claim(db, lease, 5)).map((message) =>
        ended(message, "unknown", { errorCode: "outcome_unknown" }),
      ),
    );
    expect(await statusOf(db, job)).toBe("completed");
    await db.pool.query("UPDATE send_messages_jobs SET status = 'cancelled' WHERE id = $1", [job]);
    expect(await follow(db, resend, { job })).toEqual([{ resend_unknown: 0 }]);
  });

  test("a number that is suppressed is skipped, also when its message was queued before", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId: tenant, jobId, lease } = await smallWorld(db);
    const [suppress] = await recipes("Never write to a number again");
    await follow(db, suppress, { tenant, phone: "34600000001" });
    expect(await claim(db, lease, 5)).toHaveLength(4);
    const { counters } = await countersAndRecount(db, jobId);
    expect(counters).toMatchObject({ skipped: 1, sending: 4 });
  });

  test("every question under Looking has an answer", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId: job, lease } = await smallWorld(db);
    const [message] = await claim(db, lease, 1);
    await applyOutcomes(db, [ended(message, "sent")]);
    const variables = { job, phone: message?.phone ?? "", message: message?.messageId ?? "" };
    const [byPhone, history] = await recipes("One message, one number");
    expect(await follow(db, byPhone, variables)).toMatchObject([{ state: "sent" }]);
    expect(await follow(db, history, variables)).toMatchObject([{ from_state: "sending", to_state: "sent" }]);
    const text = await readFile(new URL("../../../docs/admin-sql.md", import.meta.url), "utf8");
    const samples = [...text.matchAll(/^### (v_\w+): .*\n(?:(?!^###)[^])*?```sql\n([^`]*)```/gm)];
    expect(samples).toHaveLength(8);
    for (const [, view = "", sql] of samples) {
      expect(sql).toContain(view);
      await follow(db, sql, variables);
    }
  });
});
