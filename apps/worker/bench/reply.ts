import { makeJob } from "@pregonero/db/testing";
import { sleep } from "@pregonero/runtime";
import { openStand, type Stand } from "./reply/stand.ts";

/*
 * From the request of a reply (the first byte of POST …/messages) until WhatsApp's page has sent it, while the same
 * device runs a campaign of 50,000 messages without pacing; and for comparison on a device at rest. The end is the instant at which
 * the stand-in for WhatsApp's servers takes the message, so the way from the page to it is counted as well.
 */

const replies = 200;
const campaign = 50_000;
/** Between two replies: a random time up to it, so that they meet the campaign at any point of its work. */
const mostBetweenMs = 120;

interface Arrival {
  readonly text: string;
  readonly at: string;
}

async function post<T>({ apiUrl, key }: Stand, path: string, body: object): Promise<T> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(`${apiUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Places replies one after the other. @returns how long each took, ms, from the request to the send and to the answer */
async function measure(
  stand: Stand,
  phone: string,
  count = replies,
): Promise<{ sent: number[]; answered: number[] }> {
  const { id } = await post<{ id: string }>(stand, "/api/v1/conversations", {
    device_id: stand.deviceId,
    phone: `+${phone}`,
  });
  const begun = new Map<string, number>();
  const answered: number[] = [];
  for (let n = 0; n < count; n++) {
    const text = `reply ${n} to ${phone}`;
    begun.set(text, Date.now());
    const beganAtMs = performance.now();
    await post(stand, `/api/v1/conversations/${id}/messages`, { text });
    answered.push(performance.now() - beganAtMs);
    await sleep(Math.random() * mostBetweenMs);
  }
  for (;;) {
    const url = `${stand.sandbox.url}/control/ledger?phone=${phone}&limit=10000`;
    const { entries } = (await (await fetch(url)).json()) as { entries: Arrival[] };
    if (entries.length < count) {
      await sleep(100);
      continue;
    }
    const sent = entries.map(({ text, at }) => Date.parse(at) - (begun.get(text) ?? Number.NaN));
    return { sent, answered };
  }
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

function summary(name: string, values: readonly number[]) {
  const of = (share: number): number => Math.round(percentile(values, share) * 10) / 10;
  return { name, p50: of(0.5), p90: of(0.9), p99: of(0.99), max: of(1), unit: "ms" };
}

const [databaseUrl, redisUrl] = [process.env["DATABASE_URL"], process.env["REDIS_URL"]];
if (databaseUrl === undefined || redisUrl === undefined)
  throw new Error("DATABASE_URL and REDIS_URL are needed");

await using stand = await openStand(databaseUrl, redisUrl);
const { db, tenantId, deviceId } = stand;
// Not counted: the first of everything.
await measure(stand, "34699000001", 20);
const idle = await measure(stand, "34699000002");
const jobId = await makeJob(db, { tenantId, messages: campaign, devices: [deviceId] });
// As after a while: what loading fifty thousand rows leaves to be written is not this bench's.
await db.pool.query("VACUUM ANALYZE messages");
await db.pool.query("CHECKPOINT");
const sentNow = async (): Promise<number> =>
  (await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } })).sent;
while ((await sentNow()) < 200) await sleep(50);
const [sentBefore, beganAtMs] = [await sentNow(), performance.now()];
const busy = await measure(stand, "34699000003");
const [sentAfter, tookMs] = [await sentNow(), performance.now() - beganAtMs];
if (sentAfter >= campaign) throw new Error("the campaign ended before the replies did");
await db.pool.query("UPDATE send_messages_jobs SET status = 'paused' WHERE id = $1", [jobId]);

const cases = [
  summary("request to send, campaign running", busy.sent),
  summary("request to answer, campaign running", busy.answered),
  summary("request to send, device at rest", idle.sent),
  summary("request to answer, device at rest", idle.answered),
];
console.table(cases);
console.log(
  JSON.stringify({
    bench: "reply",
    cases,
    campaign_messages_per_second: Math.round(((sentAfter - sentBefore) / tookMs) * 1_000),
    conditions: { replies, campaign, mostBetweenMs, node: process.version },
  }),
);
