import type { CampaignCreated } from "@pregonero/contracts";
import { createApiKey, openDatabase } from "@pregonero/db";
import { cloneDatabase, makeTenant } from "@pregonero/db/testing";
import { freePort, startProcess } from "@pregonero/local-stack";
import { openAsBlob } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test, vi } from "vitest";
import { campaignForm, intakeRows, nothing } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const rows = 100_000;
const megabyte = 1_024 * 1_024;

describe("large uploads", () => {
  test("100,000 rows in 45 MB pass through a process that has a heap of 112 MB", async () => {
    const dir = await mkdtemp(join(tmpdir(), "pregonero-large-"));
    const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
    const db = openDatabase({ url: clone.url, name: "api-test" });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const api = await startProcess({
      name: "api",
      entry: "apps/api",
      env: {
        PORT: String(port),
        HOST: "127.0.0.1",
        DATABASE_URL: clone.url,
        REDIS_URL: inject("redisUrl"),
        UPLOAD_DIR: dir,
        LOG_FILE: "off",
        LOG_LEVEL: "warn",
        // Far less than the file, its text and its rows would take: about 60 MB of it is the program itself.
        NODE_OPTIONS: "--max-old-space-size=112",
      },
      ready: { url: `${url}/readyz` },
    });
    try {
      const file = join(dir, "large.csv");
      const filler = "ñ".repeat(220);
      const lines = Array.from({ length: rows }, (_, n) => `+34${600_000_000 + n},Ana ${n},${filler}`);
      await writeFile(file, `telefono,nombre,nota\n${lines.join("\n")}\n`);
      const csv = await openAsBlob(file);
      expect(csv.size).toBeGreaterThan(42 * megabyte);
      const { key } = await createApiKey(db.pool, {
        tenantId: await makeTenant(db),
        name: "t",
        role: "operator",
      });
      const response = await fetch(`${url}/api/v1/campaigns`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: campaignForm({ csv, fields: { body: "Hola {{nombre}}" } }),
      });
      const body = (await response.json()) as CampaignCreated;
      expect(body, api.output()).toMatchObject({ accepted: rows, rejected: 0, job: { total: rows } });
      const stored = await db.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM messages WHERE variables ? 'nombre'",
      );
      expect(stored.rows).toEqual([{ n: rows }]);
      expect((await readdir(dir, { recursive: true })).filter((name) => name.endsWith(".upload"))).toEqual(
        [],
      );
    } finally {
      await api.close();
      await db.close();
      await clone.drop();
      await rm(dir, { recursive: true, force: true });
    }
  }, 120_000);
});

describe("uploads that come slowly or not to an end", () => {
  const app = testApi();

  const open = (headers: Record<string, string> = {}) =>
    request(`${app().url}/api/v1/campaigns`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${app().keys.operator}`,
        "content-type": "multipart/form-data; boundary=b",
        ...headers,
      },
    });
  const part = (head: string, body: string): string =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const files = async (): Promise<string[]> =>
    (await readdir(app().uploadDir, { recursive: true })).filter((name) => name.endsWith(".upload"));

  test("hold no transaction while they come", async () => {
    const sent = open();
    const answered = new Promise<number>((resolve) => {
      sent.on("response", (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
    });
    sent.write(part('name="name"', "Slow") + part('name="body"', "hi"));
    sent.write(
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\ntelefono\n+34600123456\n',
    );
    await vi.waitFor(async () => expect(await files()).toHaveLength(1));
    const busy = await app().db.pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'pregonero-api' AND datname = current_database() AND xact_start IS NOT NULL AND state <> 'active'",
    );
    expect(busy.rows).toEqual([]);
    sent.end("\r\n--b--\r\n");
    expect(await answered).toBe(201);
  });

  test("leave nothing when their sender goes away", async () => {
    const before = await intakeRows(app());
    const sent = open();
    sent.on("error", () => undefined);
    sent.write(part('name="name"', "Gone") + part('name="body"', "hi"));
    sent.write(
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\ntelefono\n+34600123456\n',
    );
    await vi.waitFor(async () => expect(await files()).toHaveLength(1));
    sent.destroy();
    await vi.waitFor(async () => expect(await files()).toEqual([]));
    expect(await intakeRows(app())).toEqual(before);
    expect(before).not.toEqual(nothing);
  });
});
