import type { CampaignCreated } from "@pregonero/contracts";
import { describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { csvOf, upload } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();

const keyed = (key: string): { headers: Record<string, string> } => ({ headers: { "idempotency-key": key } });

const sendBulk = (
  key: string,
  json: unknown = { message: "hi", phones: ["+34600123456"] },
): Promise<Answer<{ job: { id: string } }>> =>
  app().call("POST", "/messages/send-bulk", { json, ...keyed(key) });

describe("a repeated creating call", () => {
  test("creates nothing and gets the first answer", async () => {
    const jobs = await app().count("send_messages_jobs");
    const first = await sendBulk("one");
    const again = await sendBulk("one");
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(await app().count("send_messages_jobs")).toBe(jobs + 1);
  });

  test("twenty at once create one job, and all get its id", async () => {
    const jobs = await app().count("send_messages_jobs");
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendBulk("crowd")));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    expect(new Set(answers.map(({ body }) => body.job.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotency-replayed") === null)).toHaveLength(1);
    expect(await app().count("send_messages_jobs")).toBe(jobs + 1);
  });

  test("for another request the key is refused", async () => {
    await sendBulk("two");
    const other = await sendBulk("two", { message: "other", phones: ["+34600123456"] });
    expectProblem(other as unknown as Answer, 422, "idempotency_key_reused");
    const elsewhere = await app().call("POST", "/api/v1/devices", { json: { name: "x" }, ...keyed("two") });
    expectProblem(elsewhere, 422, "idempotency_key_reused");
  });

  test("a call that failed is not remembered: put right, it goes through under the same key", async () => {
    const create = (json: unknown): Promise<Answer> =>
      app().call("POST", "/api/v1/campaigns", { json, ...keyed("three") });
    const base = { name: "Again", body: "hi" };
    expectProblem(await create({ ...base, recipients: [{ phone: "1" }] }), 422, "no_valid_recipients");
    expect((await create({ ...base, recipients: [{ phone: "+34600123456" }] })).status).toBe(201);
  });

  test("an upload is known by its content", async () => {
    const first = await upload<CampaignCreated>(app(), { csv: csvOf(10) }, keyed("file"));
    const again = await upload<CampaignCreated>(app(), { csv: csvOf(10) }, keyed("file"));
    expect(again.body).toEqual(first.body);
    const other = await upload(app(), { csv: csvOf(11) }, keyed("file"));
    expectProblem(other as unknown as Answer, 422, "idempotency_key_reused");
    expect(await app().count("messages", `job_id = '${first.body.job.id}'`)).toBe(10);
  });

  test("uploads at once make one campaign", async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => upload(app(), { csv: csvOf(3_000) }, keyed("together"))),
    );
    expect(new Set(answers.map(({ body }) => body.campaign.id)).size).toBe(1);
  });

  test("keys of tenants are apart, and it holds for devices and templates too", async () => {
    const other = await app().keyFor(
      (await app().db.prisma.tenant.create({ data: { slug: "o", name: "o" } })).id,
      "operator",
    );
    for (const [path, json] of [
      ["/api/v1/devices", { name: "twin" }],
      ["/api/v1/templates", { name: "twin", body: "hi" }],
      ["/api/v1/messages/send", { to: "+34600123456", message: "hi" }],
    ] as const) {
      const call = (key?: string): Promise<Answer> =>
        app().call("POST", path, {
          json,
          ...keyed(`same ${path}`.replaceAll(" ", "-")),
          ...(key ? { key } : {}),
        });
      const mine = await call();
      expect((await call()).body).toEqual(mine.body);
      const theirs = await call(other);
      expect(theirs.headers.get("idempotency-replayed")).toBeNull();
      expect(theirs.body).not.toEqual(mine.body);
    }
  });

  test("without a key every call creates", async () => {
    const json = { message: "hi", phones: ["+34600123456"] };
    const a = await app().call<{ job: { id: string } }>("POST", "/messages/send-bulk", { json });
    const b = await app().call<{ job: { id: string } }>("POST", "/messages/send-bulk", { json });
    expect(a.body.job.id).not.toBe(b.body.job.id);
  });

  test("a key that cannot be one is refused", async () => {
    expectProblem((await sendBulk("x".repeat(256))) as unknown as Answer, 400, "invalid_request");
    expectProblem((await sendBulk("two words")) as unknown as Answer, 400, "invalid_request");
  });
});
