import type pg from "pg";
import { describe, expect, test } from "vitest";
import { applyOutcomes, cancelQueued, listMessages, type Database } from "../src/index.ts";
import { makeJob, testDatabase } from "./fixtures.ts";
import { addLastMinute, populate } from "./population.ts";
import { claim, ended, smallWorld, views } from "./small-world.ts";

describe("what the views cost", () => {
  interface Counts {
    readonly scans: number;
    readonly updated: number;
    readonly hot: number;
  }

  /**
   * What a piece of work does to `messages` by Postgres's own count: sequential scans and updates, within functions as
   * well, which EXPLAIN does not show. The counts also hold what the connection did before: the difference counts.
   */
  async function countsOf(db: Database, work: (db: Database) => Promise<unknown>): Promise<Counts> {
    const client = await db.pool.connect();
    const counts = async (): Promise<Counts> => {
      const { rows } =
        await client.query<Counts>(`SELECT pg_stat_get_xact_numscans('messages'::regclass)::int AS scans,
        pg_stat_get_xact_tuples_updated('messages'::regclass)::int AS updated,
        pg_stat_get_xact_tuples_hot_updated('messages'::regclass)::int AS hot`);
      return rows[0] ?? { scans: -1, updated: -1, hot: -1 };
    };
    try {
      await client.query("BEGIN");
      const before = await counts();
      await work({ ...db, pool: client as unknown as pg.Pool });
      const after = await counts();
      return {
        scans: after.scans - before.scans,
        updated: after.updated - before.updated,
        hot: after.hot - before.hot,
      };
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  }

  test("none reads the table of messages from end to end, with and without statistics", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await db.pool.query("ALTER TABLE messages SET (autovacuum_enabled = off)");
    await populate(db, { messages: 40_000, failedShare: 0.05 });
    await addLastMinute(db, 600);
    const scans = async (sql: string) => (await countsOf(db, (same) => same.pool.query(sql))).scans;
    expect(await scans("SELECT count(*) FROM messages WHERE attempts = 7")).toBeGreaterThan(0);
    for (const prepare of ["SELECT 1", "VACUUM ANALYZE messages"]) {
      await db.pool.query(prepare);
      for (const view of views) {
        expect([view, await scans(`SELECT * FROM ${view}`)]).toEqual([view, 0]);
      }
    }
  });

  test("the message to a number is found without reading its job", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { tenantId } = await smallWorld(db);
    const jobId = await makeJob(db, { tenantId, messages: 20_000 });
    const read = async () => {
      const { rows } = await db.pool.query<{ read: number }>(
        "SELECT sum(idx_tup_read)::int AS read FROM pg_stat_user_indexes WHERE relname = 'messages'",
      );
      return rows[0]?.read ?? 0;
    };
    for (const prepare of ["SELECT 1", "VACUUM ANALYZE messages"]) {
      await db.pool.query(prepare);
      const client = await db.pool.connect();
      try {
        await client.query("SELECT pg_stat_force_next_flush()");
        const before = await read();
        const same = { ...db, pool: client as unknown as pg.Pool };
        const found = await listMessages(same, jobId, { phone: "34600019999", limit: 50 });
        expect(found.items.map(({ seq }) => seq)).toEqual([19_999]);
        await client.query("SELECT pg_stat_force_next_flush()");
        expect((await read()) - before).toBeLessThan(100);
      } finally {
        client.release();
      }
    }
  });

  test("their indexes leave acks and cancellations HOT", async () => {
    await using database = await testDatabase();
    const { db } = database;
    const { jobId, lease } = await smallWorld(db);
    const [first] = await claim(db, lease, 1);
    await applyOutcomes(db, [ended(first, "sent")]);
    await db.pool.query("UPDATE send_messages_jobs SET status = 'cancelled' WHERE id = $1", [jobId]);
    const counts = await countsOf(db, async (same) => {
      expect(await applyOutcomes(same, [ended(first, "delivered")])).toHaveLength(1);
      expect(await applyOutcomes(same, [ended(first, "read")])).toHaveLength(1);
      expect(await cancelQueued(same, jobId, 100)).toBe(4);
    });
    expect(counts).toMatchObject({ updated: 6, hot: 6 });
  });
});
