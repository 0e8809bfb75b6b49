import type { ScrapingJob } from "@pregonero/contracts";
import { claimScrapingStep, finishScrapingStep, readScrapingFigures, uuidv7 } from "@pregonero/db";
import { EventBus } from "@pregonero/queue";
import { busChannel } from "@pregonero/contracts";
import { expect, inject, test } from "vitest";
import { FrameClient } from "../realtime/support/frame-client.ts";
import { testApi } from "../support/suite.ts";

const app = testApi();

test("a scraping job is told live on /ws/job/{id}, in the frames of any job", async () => {
  const { db, url, keys, redisPrefix, call } = app();
  const { body: job } = await call<ScrapingJob>("POST", "/api/v1/scraping-jobs", {
    json: { domains: ["good.example", "bad.example"], config: { interval_ms: 0 } },
  });
  const client = new FrameClient(`${url.replace("http", "ws")}/ws/job/${job.id}?token=${keys.operator}`);
  const bus = new EventBus({ url: inject("redisUrl"), prefix: redisPrefix, name: "test" });
  try {
    await client.type("job_created");
    for (const outcome of ["completed", "failed"] as const) {
      const step = await claimScrapingStep(db, uuidv7(), 60_000);
      if (!step) throw new Error("nothing to claim");
      const moved = await finishScrapingStep(
        db,
        outcome === "failed"
          ? { claimId: step.claimId, status: "failed", code: "dns", message: "no address", result: null }
          : {
              claimId: step.claimId,
              status: "completed",
              report: {} as never,
              screenshots: { full: null, thumbnail: null },
              result: null,
            },
      );
      const [figures] = await readScrapingFigures(db, [job.id]);
      if (!moved || !figures) throw new Error("the step did not move");
      const { stepId: id, stepNumber, name, status, attempts, errorCode, errorMessage } = moved;
      await bus.publish(busChannel.job(job.id), {
        type: "scraping_step",
        step: { id, stepNumber, name, status, attempts, errorCode, errorMessage },
        job: figures,
      });
    }
    expect(await client.type("progress")).toMatchObject({
      job_id: job.id,
      device_id: null,
      phone: "good.example",
      status: "sent",
    });
    expect(await client.type("error")).toMatchObject({ phone: "bad.example", error_code: "dns" });
    // Nobody has to publish it: the row says so.
    expect(await client.type("job_completed")).toMatchObject({
      status: "completed",
      progress: { sent: 1, failed: 1, total: 2, percentage: 100 },
    });
    expect(client.types).toContain("job_started");
  } finally {
    client.socket.terminate();
    await bus.close();
  }
});
