import type { CampaignCreated, MessageRow, PregoneroClient, SendMessagesJobDetail } from "@pregonero/client";
import { sleep } from "@pregonero/runtime";
import type { Arrival, SandboxControl } from "../stack/sandbox-control.ts";
import { disagreements, type Disagreement } from "./disagreements.ts";

/** What the API says about the campaign, and what the recipients' phones say. */
export interface DemoResult {
  readonly created: CampaignCreated;
  readonly job: SendMessagesJobDetail;
  readonly messages: readonly MessageRow[];
  readonly arrivals: readonly Arrival[];
  readonly disagreements: readonly Disagreement[];
}

export interface Check {
  readonly what: string;
  readonly holds: boolean;
}

const sentStates: ReadonlySet<string> = new Set(["sent", "delivered", "read"]);

const receiptsMs = 3_000;
const pollMs = 200;

/** The receipts of the last messages come a moment after them. */
async function afterReceipts(client: PregoneroClient, jobId: string): Promise<SendMessagesJobDetail> {
  const untilMs = performance.now() + receiptsMs;
  for (;;) {
    const job = await client.jobs.get(jobId);
    if (job.progress.read >= job.progress.sent || performance.now() > untilMs) return job;
    await sleep(pollMs);
  }
}

export async function readResult(
  client: PregoneroClient,
  sandbox: SandboxControl,
  created: CampaignCreated,
): Promise<DemoResult> {
  const job = await afterReceipts(client, created.job.id);
  const messages: MessageRow[] = [];
  for await (const message of client.jobs.allMessages(job.id)) messages.push(message);
  const arrivals = await sandbox.arrivals();
  const sent = messages.filter(({ state }) => sentStates.has(state)).map(({ phone }) => phone);
  const arrived = arrivals.map(({ to }) => to);
  return { created, job, messages, arrivals, disagreements: disagreements(sent, arrived) };
}

/** What must hold between the figures, whoever counted them. */
export function checkResult({
  created,
  job,
  messages,
  arrivals,
  disagreements: differing,
}: DemoResult): Check[] {
  const { accepted, rejected, campaign, rejected_rows } = created;
  const { sent, failed, unknown, cancelled, skipped } = job.progress;
  return [
    {
      what: `${accepted} accepted and ${rejected} rejected are the ${campaign.rows} rows`,
      holds: accepted + rejected === campaign.rows,
    },
    {
      what: `each of the ${rejected} rejected rows has its line and reason`,
      holds: rejected_rows.length === rejected,
    },
    {
      what: `${sent} sent and ${failed} failed are all that was accepted`,
      holds:
        sent + failed === accepted && messages.length === accepted && unknown + cancelled + skipped === 0,
    },
    {
      what: `the sandbox counted ${arrivals.length} messages: the ${sent} sent ones, each number once, nobody else`,
      holds: arrivals.length === sent && differing.length === 0,
    },
    {
      what: "no message arrived with a variable left open",
      holds: arrivals.every(({ text }) => !text.includes("{{")),
    },
  ];
}
