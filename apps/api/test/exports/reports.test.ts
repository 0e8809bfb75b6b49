import type { CampaignCreated, Export } from "@pregonero/contracts";
import { claimExport, finishExport } from "@pregonero/db";
import { makeDevice } from "@pregonero/db/testing";
import { openBlobStore } from "@pregonero/storage";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";

const dir = mkdtempSync(join(tmpdir(), "pregonero-test-blobs-"));
const app = testApi({ BLOB_DIR: dir });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("a report is asked for, printed by a worker, and fetched; one with whole numbers not by viewers", async () => {
  await makeDevice(app().db, app().tenantId);
  const json = { name: "Promo", body: "hi", recipients: [{ phone: "+34600123456" }] };
  const { body } = await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json });
  const asked = await app().call<Export>("POST", "/api/v1/exports", { json: { job_id: body.job.id } });
  expect(asked).toMatchObject({
    status: 202,
    body: { status: "pending", language: "es", job_type: "send_messages" },
  });
  const path = `/api/v1/exports/${asked.body.id}`;
  expectProblem(await app().call("GET", `${path}/file`), 409, "conflict");

  const claim = await claimExport(app().db, 60_000);
  if (!claim) throw new Error("nothing was asked for");
  expect(claim.masked).toBe(false);
  const blobs = openBlobStore({ BLOB_STORE: "disk", BLOB_DIR: dir, S3_REGION: "" });
  const blobKey = `tenant/${app().tenantId}/exports/${claim.id}.pdf`;
  const { bytes } = await blobs.put(blobKey, Buffer.from("%PDF-1.7"), { contentType: "application/pdf" });
  expect(await finishExport(app().db, claim, { status: "completed", blobKey, bytes })).toBe(true);

  expect((await app().call<Export>("GET", path)).body).toMatchObject({ status: "completed", bytes: 8 });
  const file = await app().call<string>("GET", `${path}/file`);
  expect(file.headers.get("content-type")).toBe("application/pdf");
  expect(file.body).toBe("%PDF-1.7");
  const viewer = { key: app().keys.viewer };
  expectProblem(await app().call("GET", `${path}/file`, viewer), 404, "not_found");
  const own = { json: { job_id: body.job.id }, ...viewer };
  expect((await app().call<Export>("POST", "/api/v1/exports", own)).status).toBe(202);
  expect((await claimExport(app().db, 60_000))?.masked).toBe(true);
});
