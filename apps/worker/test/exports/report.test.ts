import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import readPdf from "pdf-parse/lib/pdf-parse.js";
import { expect, inject, test } from "vitest";
import { claimExport, findExport, insertExport, openDatabase, transaction } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import { createLogger } from "@pregonero/runtime";
import { openBlobStore } from "@pregonero/storage";
import { Exporter } from "../../src/exports/exporter.ts";
import { printPdf } from "../../src/exports/pdf-printer.ts";
import { chromiumPath } from "../browser/chromium.ts";
import { processesNaming } from "../browser/fleet-harness.ts";

/** A tenant with a job of 60 messages, and a folder for files. */
async function reportWorld() {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  const dir = await mkdtemp(join(tmpdir(), "pregonero-test-exports-"));
  const blobs = openBlobStore({ BLOB_STORE: "disk", BLOB_DIR: dir, S3_REGION: "" });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const jobId = await makeJob(db, { tenantId, messages: 60 });
  await db.pool.query(
    `WITH c AS (INSERT INTO campaigns (id, tenant_id, slug, name, body, created_by)
       VALUES (gen_random_uuid(), $2, 'c', $3, 'hi', 'test') RETURNING id)
     UPDATE send_messages_jobs SET campaign_id = (SELECT id FROM c), sent = 50, delivered = 40, failed = 10 WHERE id = $1`,
    [jobId, tenantId, `Navidad <img src=x onerror="document.title='pwned'"> ñandú`],
  );
  await db.pool.query(
    `UPDATE messages SET state = CASE WHEN seq > 50 THEN 'failed' ELSE 'sent' END::message_state, sent_at = now(),
       error_code = CASE WHEN seq > 50 THEN 'no_whatsapp' END WHERE job_id = $1`,
    [jobId],
  );
  const log = createLogger({ service: "test", level: "error", file: null });
  const browser = { executablePath: chromiumPath(), headless: true, timeoutMs: 30_000 };
  const exporter = new Exporter({
    db,
    blobs,
    print: (html, use) => printPdf(html, browser, use),
    log,
    everyMs: 100,
    leaseMs: 60_000,
  });
  return {
    db,
    tenantId,
    exporter,
    ask: async (masked: boolean) =>
      await transaction(db, (tx) =>
        insertExport(
          tx,
          { tenantId, actor: "test" },
          { job_id: jobId, job_type: "send_messages", masked, language: "es" },
        ),
      ),
    /** The text of a finished export, as a reader of PDF sees it. */
    async textOf(id: string): Promise<string> {
      const found = await findExport(db.pool, tenantId, id);
      const blob = await blobs.open(found?.blobKey ?? "");
      if (!blob) throw new Error("there is no file");
      expect(blob.contentType).toBe("application/pdf");
      return (await readPdf(await buffer(blob.stream))).text;
    },
    async [Symbol.asyncDispose]() {
      await exporter.close();
      await log.close();
      await blobs.close();
      await db.close();
      await clone.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

test("a report is printed with its figures and its list; names are text, and no browser is left", async () => {
  await using world = await reportWorld();
  const { id } = await world.ask(false);
  await world.exporter.round();
  const found = await findExport(world.db.pool, world.tenantId, id);
  expect(found?.export).toMatchObject({ status: "completed", error: null });
  const text = await world.textOf(id);
  expect(text).toContain("Motivos de fallo");
  expect(text).toContain("ñandú");
  expect(text).toContain("onerror=");
  expect(text).toContain("no_whatsapp");
  expect(text).toContain("+34600000001");
  expect(text).toContain("+34600000060");
  expect(text).toMatch(/83,3\s*%/);
  expect(await processesNaming("pregonero-print-")).toEqual([]);
});

test("a viewer's has masked numbers", async () => {
  await using world = await reportWorld();
  const { id } = await world.ask(true);
  await world.exporter.round();
  const text = await world.textOf(id);
  expect(text).toContain("34*****001");
  expect(text).not.toContain("34600000001");
});

test("one whose worker was lost is printed by another", async () => {
  await using world = await reportWorld();
  const { id } = await world.ask(false);
  expect(await claimExport(world.db, 0)).toMatchObject({ id, attempt: 1 });
  await world.exporter.round();
  expect((await findExport(world.db.pool, world.tenantId, id))?.export.status).toBe("completed");
});
