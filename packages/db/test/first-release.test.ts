import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, inject, test } from "vitest";
import { views } from "./small-world.ts";

describe("a database of the first release", () => {
  const folder = fileURLToPath(new URL("../../../prisma/migrations/", import.meta.url));

  async function scripts(): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return await Promise.all(names.sort().map((name) => readFile(`${folder}${name}/migration.sql`, "utf8")));
  }

  async function emptyDatabase() {
    const name = `test_views_${process.pid}_${Date.now()}`;
    const admin = new pg.Client({ connectionString: inject("databaseAdminUrl") });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(inject("databaseAdminUrl"));
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    return {
      client,
      async [Symbol.asyncDispose]() {
        await client.end();
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        await admin.end();
      },
    };
  }

  /** A row or more in each table as the first two migrations make them. */
  const firstRows = `
    INSERT INTO tenants (slug, name) VALUES ('acme', 'Acme');
    INSERT INTO api_keys (id, tenant_id, name, prefix, key_hash, role) VALUES (gen_random_uuid(), 1, 'crm', 'pk_1', '\\x01', 'admin');
    INSERT INTO workers (id, name, host, pid, version, status, slots, devices)
      VALUES ('00000000-0000-4000-8000-000000000001', 'worker', 'host', 1, '0', 'busy', 10, 1);
    INSERT INTO devices (tenant_id, name, kind, phone, wanted, linked, state, lease_worker_id, lease_epoch, lease_expires_at)
      VALUES (1, 'sales', 'whatsapp_web', '34600123678', true, true, 'connected', '00000000-0000-4000-8000-000000000001', 3,
        now() + interval '1 hour');
    INSERT INTO device_pools (tenant_id, name) VALUES (1, 'all');
    INSERT INTO device_pool_members VALUES (1, 1);
    INSERT INTO browser_context (id, browser_system_id, device_id, worker_id, status)
      VALUES (gen_random_uuid(), gen_random_uuid(), 1, '00000000-0000-4000-8000-000000000001', 'busy');
    INSERT INTO device_commands (id, device_id, kind) VALUES (gen_random_uuid(), 1, 'restart_context');
    INSERT INTO templates (id, tenant_id, name, language, body) VALUES (gen_random_uuid(), 1, 'promo', 'es', 'Hola {{mode|upper}} {{day| date: soon }} {{x|friend}}');
    INSERT INTO campaigns (id, tenant_id, slug, name, body, created_by)
      VALUES ('00000000-0000-4000-8000-00000000000c', 1, 'promo', 'Promo', 'Hola', 'ana');
    INSERT INTO campaign_rejections VALUES ('00000000-0000-4000-8000-00000000000c', 7, 'invalid_phone', 'too short', '*****');
    INSERT INTO send_messages_jobs (id, tenant_id, campaign_id, kind, status, body, total, next_seq, sending, sent, failed,
        unknown, settling, created_by, started_at)
      VALUES ('00000000-0000-4000-8000-000000000007', 1, '00000000-0000-4000-8000-00000000000c', 'campaign', 'running', 'Hola',
        10, 5, 1, 1, 1, 1, 1, 'ana', now() - interval '1 minute');
    INSERT INTO lanes (job_id, device_id, class, weight) VALUES ('00000000-0000-4000-8000-000000000007', 1, 'bulk', 5);
    INSERT INTO messages (id, tenant_id, job_id, seq, phone, state, attempts, device_id, claim_epoch, provider_message_id,
        send_by, settle_until, due_at, error_code, claimed_at)
      SELECT gen_random_uuid(), 1, '00000000-0000-4000-8000-000000000007', n, (34600000000 + n)::text, s.state,
        CASE WHEN n > 5 THEN 0 ELSE 1 END, CASE WHEN n <= 5 THEN 1 END, CASE WHEN n <= 5 THEN 3 END,
        CASE WHEN n <= 5 THEN '3EB0' || n END, CASE WHEN s.state IN ('sending', 'unknown') THEN now() + interval '1 minute' END,
        CASE WHEN s.state = 'unknown' THEN now() + interval '9 minutes' END,
        CASE WHEN s.state = 'retrying' THEN now() END,
        CASE WHEN s.state IN ('failed', 'retrying', 'unknown') THEN 'provider_temporary' END, CASE WHEN n <= 5 THEN now() END
      FROM generate_series(1, 10) n, LATERAL (SELECT (ARRAY['sending', 'sent', 'failed', 'unknown', 'retrying', 'queued',
        'queued', 'queued', 'queued', 'queued'])[n]::message_state AS state) s;
    INSERT INTO message_events (message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code)
      SELECT id, job_id, tenant_id, device_id, 'sending', state, 1, error_code FROM messages
      WHERE state IN ('sent', 'failed', 'unknown', 'retrying');
    INSERT INTO suppressions (tenant_id, phone, reason) VALUES (1, '34600999999', 'opted out');
    INSERT INTO idempotency_keys (tenant_id, key, request_hash, status, body) VALUES (1, 'k', 'h', 202, '{}');
    INSERT INTO audit_log (tenant_id, actor, action, subject) VALUES (1, 'ana', 'job.create', 'x');`;

  test("keeps every row through the migrations since, and the views tell of them", async () => {
    await using database = await emptyDatabase();
    const { client } = database;
    const [tables, dispatch, ...since] = await scripts();
    if (tables === undefined || dispatch === undefined)
      throw new Error("the first two migrations are not there");
    await client.query(tables);
    await client.query(dispatch);
    await client.query(firstRows);
    const named = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'message\\_events\\__%'",
    );
    const content = async () => {
      const counts: Record<string, number> = {};
      for (const { name } of named.rows) {
        const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
        counts[name] = rows[0]?.n ?? 0;
      }
      return counts;
    };
    const before = await content();
    expect(Object.entries(before).filter(([, count]) => count === 0)).toEqual([]);

    for (const script of since) await client.query(script);

    expect(await content()).toEqual(before);
    const { rows: depth } = await client.query("SELECT * FROM v_queue_depth WHERE device_id IS NULL");
    expect(depth).toMatchObject([
      { queued: "5", retrying: "1", due_retries: "1", in_flight: "1", settling: "1" },
    ]);
    const { rows: errors } = await client.query("SELECT * FROM v_error_breakdown");
    expect(errors).toMatchObject([
      { job: "Promo", error_code: "provider_temporary", messages: "3", ended: "1" },
    ]);
    // A default that reads like a filter since then is a default still.
    const { rows: templates } = await client.query("SELECT body FROM templates");
    expect(templates).toEqual([
      { body: 'Hola {{mode|default:"upper"}} {{day|default:"date: soon "}} {{x|friend}}' },
    ]);
    for (const view of views) await client.query(`SELECT * FROM ${view}`);
  });
});
