import type {
  JobReport,
  Report,
  ReportComparison,
  ReportData,
  ReportSummary,
  ScrapingJob,
} from "@pregonero/contracts";
import { claimScrapingStep, finishScrapingStep, uuidv7 } from "@pregonero/db";
import { makeTenant } from "@pregonero/db/testing";
import { openBlobStore } from "@pregonero/storage";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";

const blobDir = mkdtempSync(join(tmpdir(), "pregonero-test-blobs-"));
const app = testApi({ BLOB_DIR: blobDir });
afterAll(() => rm(blobDir, { recursive: true, force: true }));

const data = (more: Partial<ReportData> = {}): ReportData => ({
  final_url: "https://shop.example/",
  http_status: 200,
  redirects: [],
  tls: {
    protocol: "TLS 1.3",
    issuer: "CA",
    subject: "shop.example",
    valid_from: "2026-01-01T00:00:00.000Z",
    valid_to: "2026-01-02T00:00:00.000Z",
  },
  title: "Shop",
  description: null,
  language: "es-CO",
  headings: [{ level: 1, text: "Shop" }],
  word_count: 100,
  links: { internal: 3, external: 1, checked: 4, broken: 1, broken_links: [] },
  technologies: [{ name: "WordPress", category: "cms", version: "6.8" }],
  contacts: { emails: ["a@shop.example"], phones: [], whatsapp: [], social: [] },
  timings: { ttfb_ms: 50, dom_ready_ms: 100, load_ms: 200, visit_ms: 400 },
  weight: { bytes: 1_000, requests: 5 },
  notes: [],
  ...more,
});

/** A job of these domains, with reports as a worker would have written them. */
async function reported(
  reports: Readonly<Record<string, ReportData>>,
  screenshots = { full: null as string | null, thumbnail: null as string | null },
) {
  const { db } = app();
  const { body: job } = await app().call<ScrapingJob>("POST", "/api/v1/scraping-jobs", {
    json: { domains: Object.keys(reports), config: { interval_ms: 0, concurrency: 100 } },
  });
  await db.pool.query("UPDATE scraping_jobs SET vtime = -1 WHERE id = $1", [job.id]);
  const ids: string[] = [];
  for (const [, report] of Object.entries(reports)) {
    const step = await claimScrapingStep(db, uuidv7(), 60_000);
    if (step?.jobId !== job.id) throw new Error("another job was claimed");
    const { timings, weight, links, technologies, tls, language } = report;
    await finishScrapingStep(db, {
      claimId: step.claimId,
      status: "completed",
      report,
      screenshots,
      result: {
        report_id: step.stepId,
        language,
        technologies: technologies.map(({ name }) => name),
        links: links.internal + links.external,
        broken_links: links.broken,
        tls_valid_to: tls?.valid_to ?? null,
        ttfb_ms: timings.ttfb_ms,
        load_ms: timings.load_ms,
        bytes: weight.bytes,
        requests: weight.requests,
      },
    });
    ids.push(step.stepId);
  }
  return { jobId: job.id, ids };
}

describe("a report", () => {
  test("has the id of its step, and its pictures beside it", async () => {
    const blobs = openBlobStore({ BLOB_STORE: "disk", BLOB_DIR: blobDir, S3_REGION: "" });
    const key = `tenant/${app().tenantId}/screenshots/${uuidv7()}.jpg`;
    await blobs.put(key, Buffer.from("picture"), { contentType: "image/jpeg" });
    const { ids, jobId } = await reported({ "shop.example": data() }, { full: key, thumbnail: null });
    const [id = ""] = ids;
    const { body } = await app().call<Report>("GET", `/api/reports/${id}`);
    expect(body).toMatchObject({
      ...data(),
      id,
      step_id: id,
      job_id: jobId,
      domain: "shop.example",
      thumbnail_url: null,
    });
    const picture = await fetch(`${app().url}${body.screenshot_url}`, {
      headers: { authorization: `Bearer ${app().keys.viewer}` },
    });
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect(await picture.text()).toBe("picture");
    expectProblem(await app().call("GET", `/api/reports/${id}/thumbnail`), 404, "not_found");
    const stranger = await app().keyFor(await makeTenant(app().db), "admin");
    for (const path of [
      `/api/reports/${id}`,
      `/api/reports/${id}/screenshot`,
      `/api/v1/reports/${id}/compare/${id}`,
    ])
      expectProblem(await app().call("GET", path, { key: stranger }), 404, "not_found");
  });

  test("is compared with another one of its domain, field by field", async () => {
    const old = await reported({ "again.example": data() });
    const young = await reported({
      "again.example": data({
        title: "Shop, new",
        timings: { ttfb_ms: 40.5, dom_ready_ms: 100, load_ms: 250, visit_ms: 400 },
        technologies: [{ name: "Shopify", category: "shop", version: null }],
      }),
    });
    // Asked for either way round, the older one is before.
    const { body } = await app().call<ReportComparison>(
      "GET",
      `/api/v1/reports/${young.ids[0]}/compare/${old.ids[0]}`,
    );
    expect([body.before.id, body.after.id]).toEqual([old.ids[0], young.ids[0]]);
    const changed = Object.fromEntries(
      body.fields.filter((field) => field.changed).map((field) => [field.field, field]),
    );
    expect(Object.keys(changed).toSorted()).toEqual([
      "technologies",
      "timings.load_ms",
      "timings.ttfb_ms",
      "title",
    ]);
    expect(body.changed).toBe(4);
    expect(changed["title"]).toMatchObject({ before: "Shop", after: "Shop, new" });
    expect(changed["timings.ttfb_ms"]).toMatchObject({ difference: -9.5 });
    expect(changed["technologies"]).toMatchObject({
      added: [{ name: "Shopify", category: "shop", version: null }],
      removed: [{ name: "WordPress", category: "cms", version: "6.8" }],
    });
    const history = await app().call<{ items: ReportSummary[] }>(
      "GET",
      "/api/v1/reports?domain=again.example",
    );
    expect(history.body.items.map((report) => report.title)).toEqual(["Shop, new", "Shop"]);
    const other = await reported({ "else.example": data() });
    const answer = await app().call("GET", `/api/v1/reports/${other.ids[0]}/compare/${old.ids[0]}`);
    expectProblem(answer, 409, "conflict");
  });
});

test("all reports of a job make one", async () => {
  const slow = data({
    timings: { ttfb_ms: 150, dom_ready_ms: 1, load_ms: 1_000, visit_ms: 1 },
    weight: { bytes: 9_000, requests: 15 },
  });
  const { jobId, ids } = await reported({
    "one.example": data(),
    "two.example": slow,
    "three.example": data({
      tls: null,
      language: "en",
      technologies: [],
      links: { ...data().links, broken: 0 },
    }),
  });
  const { body } = await app().call<JobReport>("GET", `/api/v1/scraping-jobs/${jobId}/report`);
  expect(body).toMatchObject({
    job_id: jobId,
    total: 3,
    completed: 3,
    failures: [],
    ttfb_ms: { average: 83.3, median: 50 },
    load_ms: { median: 200 },
    links: 12,
    broken_links: 2,
    without_tls: 1,
    languages: [
      { name: "es", count: 2 },
      { name: "en", count: 1 },
    ],
    technologies: [{ name: "WordPress", count: 2 }],
  });
  expect(body.slowest[0]).toEqual({ report_id: ids[1], domain: "two.example", value: 1_000 });
  expect(body.heaviest.map((one) => one.value)).toEqual([9_000, 1_000, 1_000]);
  expect(body.tls_ends_soon.map((one) => one.domain)).toEqual(["one.example", "two.example"]);
});
