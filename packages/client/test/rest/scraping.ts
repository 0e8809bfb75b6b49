import { expect, test } from "vitest";
import type { PregoneroClient } from "../../src/index.ts";
import { failure } from "./failure.ts";

/** Of a test file that has a client of a running API. */
export function scrapingCalls(client: () => PregoneroClient): void {
  test("scraping jobs, reports and comments", async () => {
    const job = await client().scrapingJobs.create({
      domains: ["uno.example", "dos.example"],
      name: "dos webs",
    });
    expect(await client().scrapingJobs.get(job.id)).toEqual(job);
    expect((await client().scrapingJobs.list({ status: "pending" })).items).toEqual([job]);
    const names = [];
    for await (const step of client().scrapingJobs.allSteps(job.id)) names.push(step.name);
    expect(names).toEqual(["uno.example", "dos.example"]);
    expect(await client().scrapingJobs.report(job.id)).toMatchObject({ total: 2, completed: 0 });
    expect(await client().scrapingJobs.pause(job.id)).toMatchObject({ status: "paused" });
    expect(await client().scrapingJobs.resume(job.id)).toMatchObject({ status: "pending" });
    expect(await failure(client().scrapingJobs.retryFailed(job.id))).toMatchObject({ status: 409 });
    const comment = await client().jobComments.add(job.id, { author: "Ana", content: "Falta una" });
    expect(await client().jobComments.list(job.id)).toEqual([comment]);
    expect(await client().scrapingJobs.cancel(job.id)).toMatchObject({ status: "cancelled" });
    expect(await client().reports.list({ domain: "uno.example" })).toEqual({ items: [], next_cursor: null });
    expect(await failure(client().reports.get(job.id))).toMatchObject({ status: 404 });
    expect(await failure(client().reports.compare(job.id, job.id))).toMatchObject({ status: 404 });
  });
}
