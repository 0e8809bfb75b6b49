import type { CampaignCreated, PregoneroClient } from "@pregonero/client";
import { CommandFailed } from "../failure.ts";
import type { Stage } from "../stack/open-stack.ts";
import { Progress } from "../terminal/progress.ts";
import { step } from "../terminal/step.ts";
import { campaignName, template } from "./example.ts";

/** Uploads the file as a campaign and follows its job to the end. @throws CommandFailed when it does not end well */
export async function runCampaign(
  client: PregoneroClient,
  { terminal, signal }: Stage,
  file: Blob,
): Promise<CampaignCreated> {
  const created = await step(terminal, "POST /api/v1/campaigns with examples/recipients.csv", () =>
    client.campaigns.createFromFile({ name: campaignName, body: template }, file, {
      fileName: "recipients.csv",
      signal,
    }),
  );
  const { accepted, rejected, job } = created;
  terminal.say(`  ${accepted} rows accepted, ${rejected} rejected; job ${job.id} is under way. Live:`);
  terminal.say();
  await follow(client, job.id, { terminal, signal });
  return created;
}

async function follow(
  client: PregoneroClient,
  jobId: string,
  { terminal, signal }: Pick<Stage, "terminal" | "signal">,
): Promise<void> {
  const progress = new Progress(terminal);
  let last = "nothing";
  try {
    for await (const frame of client.followJob(jobId, { signal })) {
      last = frame.type;
      progress.update(frame.progress);
    }
  } finally {
    progress.close();
  }
  signal.throwIfAborted();
  if (last !== "job_completed")
    throw new CommandFailed(`The job did not complete; the last news was ${last}.`);
}
