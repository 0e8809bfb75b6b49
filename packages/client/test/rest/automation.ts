import { expect, test } from "vitest";
import type { PregoneroClient } from "../../src/index.ts";
import { failure } from "./failure.ts";

const campaign = {
  body: "Hola {{name}}",
  recipients: [
    { phone: "+34600222111", variables: { name: "Ana" } },
    { phone: "12", variables: { name: "Nadie" } },
  ],
  start: false,
};

/** Of a test file that has a client of a running API: schedules, settings, exports, notifications, webhooks. */
export function automationCalls(client: () => PregoneroClient): void {
  test("schedules and the settings of the tenant", async () => {
    const made = await client().campaigns.create({ name: "cada lunes", ...campaign });
    const timing = { kind: "cron" as const, expression: "0 9 * * 1", time_zone: "America/Bogota" };
    const { expression, time_zone } = timing;
    expect((await client().schedules.preview({ expression, time_zone })).runs.length).toBeGreaterThan(1);
    const schedule = await client().schedules.create({
      name: "lunes",
      target: { kind: "campaign", campaign_id: made.campaign.id },
      timing,
    });
    const { id } = schedule;
    expect(await client().schedules.get(id)).toEqual(schedule);
    expect((await client().schedules.list()).items).toContainEqual(schedule);
    expect(await client().schedules.patch(id, { enabled: false })).toMatchObject({ next_run_at: null });
    const run = await client().schedules.run(id);
    expect(run).toMatchObject({ status: "started", job_id: expect.any(String) });
    expect((await client().schedules.runs(id)).items).toMatchObject([{ id: run.id }]);
    await client().schedules.remove(id);
    expect(await failure(client().schedules.get(id))).toMatchObject({ status: 404 });

    const settings = await client().settings.get();
    expect(await client().settings.patch({ max_running_jobs: 3 })).toEqual({
      ...settings,
      max_running_jobs: 3,
    });
    await client().settings.patch({ max_running_jobs: null });
  });

  test("results and rejected rows as files, and a job's priority", async () => {
    const { campaign: made, job } = await client().campaigns.create({ name: "resultados", ...campaign });
    expect(await client().jobs.patch(job.id, { priority: 8 })).toMatchObject({ priority: 8 });
    expect(await client().jobs.export(job.id)).toContain("34600222111");
    expect(await client().campaigns.export(made.id)).toContain("34600222111");
    expect(await client().campaigns.exportRejections(made.id)).toContain("invalid_number");
    const workbooks = [
      client().jobs.exportExcel(job.id),
      client().campaigns.exportExcel(made.id),
      client().campaigns.exportRejectionsExcel(made.id),
    ];
    // An Excel file is a ZIP archive.
    for (const workbook of await Promise.all(workbooks)) expect(await workbook.slice(0, 2).text()).toBe("PK");
    const asked = await client().exports.create({ job_id: job.id });
    expect(await client().exports.get(asked.id)).toMatchObject({ id: asked.id, job_id: job.id });
    // No worker runs that would print it.
    expect(await failure(client().exports.download(asked.id))).toMatchObject({ status: 409 });
  });

  test("who is told of a job", async () => {
    const { job } = await client().campaigns.create({ name: "avisos", ...campaign });
    const notify = await client().notifications.setOfJob(job.id, { email: ["ana@example.com"] });
    expect(await client().notifications.ofJob(job.id)).toEqual(notify);
    const sent = await client().notifications.test({ email: "ana@example.com" });
    expect(sent).toMatchObject({ event: "test", recipient: "ana@example.com" });
    expect((await client().notifications.list()).items).toMatchObject([{ id: sent.id }]);
    expect(await client().notifications.signingSecret()).toHaveProperty("secret");
  });

  test("webhooks, their secrets and their log", async () => {
    expect((await client().webhooks.eventTypes()).map(({ type }) => type)).toContain("message.sent");
    const made = await client().webhooks.create({
      url: "https://crm.example.com/hook",
      event_types: ["job.completed"],
    });
    const { secret, ...endpoint } = made;
    expect(secret).toEqual(expect.any(String));
    expect(await client().webhooks.get(made.id)).toMatchObject({ id: endpoint.id, url: endpoint.url });
    expect(await client().webhooks.list()).toHaveLength(1);
    expect(await client().webhooks.update(made.id, { description: "CRM" })).toMatchObject({
      description: "CRM",
    });
    expect((await client().webhooks.rotateSecret(made.id)).secret).not.toBe(secret);
    const ping = await client().webhooks.ping(made.id);
    expect((await client().webhooks.deliveries({ endpoint_id: made.id })).items).toMatchObject([
      { id: ping.id },
    ]);
    expect(await client().webhooks.delivery(ping.id)).toMatchObject({ id: ping.id });
    expect(await client().webhooks.replay(ping.id)).toMatchObject({ id: ping.id });
    expect(await client().webhooks.replayFailed(made.id, { since: "2026-01-01T00:00:00Z" })).toBe(0);
    await client().webhooks.delete(made.id);
    expect(await failure(client().webhooks.get(made.id))).toMatchObject({ status: 404 });
  });
}
