import { migrateDatabase } from "@pregonero/db";
import { cloneDatabase } from "@pregonero/db/testing";
import { bareQueue } from "./dispatch/bare-queue.ts";
import { provider } from "./dispatch/provider.ts";
import { addBacklog, dispatch, openWorld, type World } from "./dispatch/world.ts";

/*
 * From queued to counted and published, next to a bare BullMQ worker. A round measures all cases one after the other, so
 * that whatever else the machine does hits all of them; the ratios are medians of the rounds' own ratios.
 */

const messages = Number(process.env["BENCH_MESSAGES"] ?? 100_000);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 4);
const backlog = Number(process.env["BENCH_BACKLOG"] ?? 1_000_000);
const slowMessages = 10_000;
const slowMs = 200;
const inFlight = 500;

interface Round {
  readonly bareMs: number;
  readonly emptyMs: number;
  readonly fullMs: number;
  readonly slowMs: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
}

/** Whoever comes second finds a warmer cache and a busier disk: a and c take turns at it. */
async function round(redisUrl: string, worlds: { empty: World; full: World }, n: number): Promise<Round> {
  const { empty, full } = worlds;
  const send = (world: World) => dispatch(world, provider(inFlight, 0), messages);
  const bareMs = await bareQueue(redisUrl, messages);
  const first = await send(n % 2 === 0 ? empty : full);
  const second = await send(n % 2 === 0 ? full : empty);
  const [emptyMs, fullMs] = n % 2 === 0 ? [first, second] : [second, first];
  const result = {
    bareMs,
    emptyMs,
    fullMs,
    slowMs: await dispatch(empty, provider(inFlight, slowMs), slowMessages),
  };
  console.log(JSON.stringify(result));
  return result;
}

function report(all: readonly Round[]): void {
  const perSecond = (tookMs: number) => Math.round((messages / tookMs) * 1_000);
  const pick = (of: (round: Round) => number) => median(all.map(of));
  const cases = [
    {
      name: "a",
      ours: perSecond(pick((one) => one.emptyMs)),
      reference: perSecond(pick((one) => one.bareMs)),
      unit: "messages/s",
      ratio: pick((one) => one.bareMs / one.emptyMs),
    },
    {
      name: "b",
      ours: pick((one) => one.slowMs) / 1_000,
      reference: (slowMessages * slowMs) / inFlight / 1_000,
      unit: "s",
      ratio: (pick((one) => one.slowMs) * inFlight) / (slowMessages * slowMs),
    },
    {
      name: "c",
      ours: perSecond(pick((one) => one.fullMs)),
      reference: perSecond(pick((one) => one.emptyMs)),
      unit: "messages/s",
      ratio: pick((one) => one.emptyMs / one.fullMs),
    },
  ].map((row) => ({ ...row, ratio: Number(row.ratio.toFixed(3)) }));
  const conditions = { messages, rounds, inFlight, backlog, node: process.version };
  console.log(`
  a  ${messages} messages, provider answers at once    next to a bare BullMQ worker, one no-op job per message
  b  ${slowMessages} messages, provider takes ${slowMs} ms        next to the limit of ${inFlight} in flight
  c  as a, with ${backlog} queued rows in the table next to a
`);
  console.table(cases);
  console.log(JSON.stringify({ bench: "dispatch", cases, conditions }));
}

async function main(): Promise<void> {
  const url = process.env["DATABASE_URL"] ?? "";
  const redisUrl = process.env["REDIS_URL"] ?? "";
  await migrateDatabase(url);
  const admin = new URL(url);
  const template = admin.pathname.slice(1);
  admin.pathname = "/postgres";
  const other = await cloneDatabase(admin.href, template);
  const empty = await openWorld(url, redisUrl);
  const full = await openWorld(other.url, redisUrl);
  await addBacklog(full, backlog);
  // Not counted: whatever is compiled, planned and read for the first time.
  for (const world of [empty, full]) await dispatch(world, provider(inFlight, 0), 5_000);
  const all: Round[] = [];
  for (let n = 0; n < rounds; n++) all.push(await round(redisUrl, { empty, full }, n));
  await full.close();
  await empty.close();
  await other.drop();
  report(all);
}

await main();
