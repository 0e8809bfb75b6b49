import { Sandbox } from "../test/whatsapp-web/sandbox.ts";
import { openDispatch } from "./web/dispatch.ts";
import { openLinkedPage } from "./web/linked-page.ts";
import { type Case, caseOf, print } from "./web/report.ts";
import { bare, freshNumbers, ours, rateOf } from "./web/senders.ts";

/*
 * Messages per second of one browser context, one after the other, against a bare `page.evaluate` of wa-js on the same
 * page. Rounds of both alternate, so that whatever else the machine does hits both alike.
 */

const rounds = 15;
const sendsPerRound = 60;
const jobs = 6;
const messagesPerJob = 400;

const [databaseUrl, redisUrl] = [process.env["DATABASE_URL"], process.env["REDIS_URL"]];
if (databaseUrl === undefined || redisUrl === undefined)
  throw new Error("DATABASE_URL and REDIS_URL are needed");

type Round = () => Promise<number>;

async function alternate(name: string, count: number, one: Round, other: Round): Promise<Case> {
  // Not counted: the first sends of a page compile its scripts.
  await one();
  await other();
  const rates: { one: number[]; other: number[] } = { one: [], other: [] };
  for (let round = 0; round < count; round += 1) {
    rates.one.push(await one());
    rates.other.push(await other());
  }
  return caseOf(name, rates.one, rates.other);
}

await using sandbox = await Sandbox.start({ SANDBOX_QR_ROTATE_MS: "60000" });
await using linked = await openLinkedPage(sandbox);
const [ourSend, bareSend] = [ours(linked.channel), bare(linked.page)];
const numbers = freshNumbers(34_620_000_001);
const take = (count = sendsPerRound): string[] => Array.from({ length: count }, () => numbers.next().value);

const [mine, theirs] = [take(), take()];
const cases = [
  await alternate(
    "channel, numbers written to before",
    rounds,
    () => rateOf(ourSend, mine),
    () => rateOf(bareSend, theirs),
  ),
  await alternate(
    "channel, new numbers (each is checked)",
    rounds,
    () => rateOf(ourSend, take()),
    () => rateOf(bareSend, take()),
  ),
];

await using dispatch = await openDispatch(sandbox, databaseUrl, redisUrl);
let firstPhone = 34_650_000_000;
const job: Round = () => {
  firstPhone += messagesPerJob;
  return dispatch.rateOfJob(messagesPerJob, firstPhone);
};
cases.push(await alternate("whole way of a job, new numbers", jobs, job, () => rateOf(bareSend, take(200))));

print(cases, { rounds, sendsPerRound, jobs, messagesPerJob, page: "sandbox with wa-js 4.6.0, no latency" });
