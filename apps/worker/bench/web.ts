import { Sandbox } from "../test/whatsapp-web/sandbox.ts";
import { dispatchRate } from "./web/dispatch.ts";
import { openLinkedPage } from "./web/linked-page.ts";
import { caseOf, median, print } from "./web/report.ts";
import { bare, freshNumbers, ours, rateOf, type Send } from "./web/senders.ts";

/*
 * Messages per second of one browser context, one after the other, against a bare `page.evaluate` of wa-js on the same
 * page. Rounds of both alternate, so that whatever else the machine does hits both alike.
 */

const rounds = 15;
const sendsPerRound = 60;
const dispatched = 2_000;

const [databaseUrl, redisUrl] = [process.env["DATABASE_URL"], process.env["REDIS_URL"]];
if (databaseUrl === undefined || redisUrl === undefined)
  throw new Error("DATABASE_URL and REDIS_URL are needed");

await using sandbox = await Sandbox.start({ SANDBOX_QR_ROTATE_MS: "60000" });
await using linked = await openLinkedPage(sandbox);
const [ourSend, bareSend] = [ours(linked.channel), bare(linked.page)];
const numbers = freshNumbers(34_620_000_001);
const take = (): string[] => Array.from({ length: sendsPerRound }, () => numbers.next().value);

async function alternate(recipients: () => readonly [string[], string[]]) {
  const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  const run = async (into: number[], send: Send, to: readonly string[]): Promise<void> => {
    into.push(await rateOf(send, to));
  };
  for (let round = 0; round < rounds; round += 1) {
    const [toOurs, toBare] = recipients();
    await run(rates.ours, ourSend, toOurs);
    await run(rates.bare, bareSend, toBare);
  }
  return rates;
}

// Both warm: the first sends of a page compile its scripts.
for (const send of [ourSend, bareSend]) await rateOf(send, take());
const fresh = await alternate(() => [take(), take()]);
const [mine, theirs] = [take(), take()];
await rateOf(ourSend, mine);
await rateOf(bareSend, theirs);
const known = await alternate(() => [mine, theirs]);
await linked.channel.disconnect();
const whole = await dispatchRate(sandbox, databaseUrl, redisUrl, dispatched);

print(
  [
    caseOf("channel, numbers written to before", known.ours, known.bare),
    caseOf("channel, new numbers (each is checked)", fresh.ours, fresh.bare),
    caseOf("whole way of a job, new numbers", [whole], [median(fresh.bare)]),
  ],
  { rounds, sendsPerRound, dispatched, page: "sandbox with wa-js 4.6.0, no latency" },
);
