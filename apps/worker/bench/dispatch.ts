import { randomUUID } from "node:crypto";
import {
  acquireDevices,
  applyOutcomes,
  claimMessages,
  confirmClaims,
  migrateDatabase,
  openDatabase,
  registerWorker,
  type Database,
} from "@pregonero/db";
import { makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import { EventBus } from "@pregonero/queue";
import { createLogger, monotonicMs, sleep } from "@pregonero/runtime";
import { Queue, QueueEvents, Worker } from "bullmq";
import type { Channel, SendOutcome } from "../src/channels/channel.ts";
import { Lease } from "../src/devices/lease.ts";
import { Announcer } from "../src/dispatch/announcer.ts";
import { OutcomeWriter } from "../src/dispatch/outcome-writer.ts";
import { DevicePace } from "../src/dispatch/pace.ts";
import { Turn } from "../src/dispatch/turn.ts";

/** A provider that takes every message after `delayMs`. */
function provider(maxInFlight: number, delayMs: number): Channel {
  const sent: SendOutcome = { kind: "sent", ack: "sent" };
  const never = () => Promise.reject(new Error("not of this bench"));
  return {
    maxInFlight,
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: delayMs === 0 ? () => Promise.resolve(sent) : () => sleep(delayMs).then(() => sent),
    lookup: () => Promise.resolve(new Map()),
    checkNumber: () => Promise.resolve("dont_know"),
    requestPairingCode: never,
    logout: never,
  };
}

interface Bench {
  readonly db: Database;
  readonly bus: EventBus;
  readonly tenantId: number;
  readonly lease: Lease;
}

/** Sends a job of `messages` through the whole way: claimed, fenced, sent, recorded, counted, published. @returns ms */
async function dispatch(bench: Bench, channel: Channel, messages: number): Promise<number> {
  const { db, bus, tenantId, lease } = bench;
  const log = createLogger({ service: "bench", level: "warn", file: null });
  const announcer = new Announcer(db, bus);
  const writer = new OutcomeWriter({
    apply: (outcomes) => applyOutcomes(db, outcomes),
    moved: (moved) => announcer.moved(moved),
    log,
  });
  const jobId = await makeJob(db, { tenantId, messages, devices: [lease.deviceId] });
  await db.pool.query("VACUUM ANALYZE messages");
  await db.pool.query("CHECKPOINT");
  const startedAtMs = monotonicMs();
  const turn = new Turn({
    lease,
    channel,
    store: {
      claim: (request) => claimMessages(db, request),
      confirm: (ids) => confirmClaims(db, ids),
    },
    writer,
    pace: new DevicePace({ stored: {}, fallback: {}, linkedAt: null }),
    log,
    ended: () => undefined,
    turnMs: 600_000,
    settleMs: 1_000,
  });
  await turn.run(new AbortController().signal);
  await writer.flush();
  const tookMs = monotonicMs() - startedAtMs;
  const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: jobId } });
  if (job.sent !== messages || job.status !== "completed") {
    throw new Error(`the job did not end: ${JSON.stringify(job)}`);
  }
  await log.close();
  return tookMs;
}

/** BullMQ with one job per message and a worker that does nothing. @returns ms */
async function bareQueue(redisUrl: string, messages: number): Promise<number> {
  const name = `noop-${randomUUID()}`;
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection });
  for (let from = 0; from < messages; from += 5_000) {
    const jobs = Array.from({ length: Math.min(5_000, messages - from) }, (_, n) => ({
      name: "message",
      data: { id: from + n },
      opts: { removeOnComplete: true, removeOnFail: true },
    }));
    await queue.addBulk(jobs);
  }
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  let done = 0;
  const startedAtMs = monotonicMs();
  const worker = new Worker(
    name,
    async () => {
      done += 1;
    },
    { connection, concurrency: 50 },
  );
  await new Promise<void>((resolve) => events.once("drained", () => resolve()));
  const tookMs = monotonicMs() - startedAtMs;
  if (done !== messages) throw new Error(`the bare queue did ${done} of ${messages}`);
  await worker.close();
  await events.close();
  await queue.close();
  return tookMs;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function main(): Promise<void> {
  const url = process.env["DATABASE_URL"] ?? "";
  const redisUrl = process.env["REDIS_URL"] ?? "";
  await migrateDatabase(url);
  const db = openDatabase({ url, name: "bench" });
  const bus = new EventBus({ url: redisUrl, prefix: "bench", name: "bench" });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const workerId = randomUUID();
  await registerWorker(db, {
    id: workerId,
    name: "bench",
    host: "-",
    pid: process.pid,
    version: "-",
    slots: 1,
  });
  const leaseMs = 3_600_000;
  const [device] = await acquireDevices(db, { workerId, kinds: ["whatsapp_web"], limit: 1, leaseMs });
  if (!device) throw new Error("no device");
  const lease = new Lease({ deviceId: device.id, workerId, epoch: device.epoch }, monotonicMs(), leaseMs);
  const bench = { db, bus, tenantId, lease };

  const messages = 100_000;
  const rounds = 3;
  await dispatch(bench, provider(500, 0), 5_000);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await bareQueue(redisUrl, messages));
    ours.push(await dispatch(bench, provider(500, 0), messages));
  }
  const perSecond = (tookMs: number) => Math.round((messages / tookMs) * 1_000);
  const slowMs = await dispatch(bench, provider(500, 200), 10_000);

  const backlog = await makeJob(db, { tenantId, messages: 1_000_000 });
  await db.pool.query("UPDATE send_messages_jobs SET status = 'paused' WHERE id = $1", [backlog]);
  await db.pool.query("VACUUM ANALYZE messages");
  const full: number[] = [];
  for (let round = 0; round < rounds; round++) full.push(await dispatch(bench, provider(500, 0), messages));
  await bus.close();
  await db.close();

  const a = perSecond(median(ours));
  const cases = [
    { name: "a", ours: a, reference: perSecond(median(bare)), unit: "messages/s" },
    { name: "b", ours: slowMs / 1_000, reference: (10_000 * 0.2) / 500, unit: "s" },
    { name: "c", ours: perSecond(median(full)), reference: a, unit: "messages/s" },
  ].map((row) => ({ ...row, ratio: Number((row.ours / row.reference).toFixed(3)) }));
  print(cases, { messages, rounds, inFlight: 500 });
}

function print(cases: readonly object[], conditions: object): void {
  console.log(`
  a  100,000 messages, provider answers at once    next to a bare BullMQ worker, one no-op job per message
  b  10,000 messages, provider takes 200 ms        next to the limit of 500 in flight
  c  as a, with 1,000,000 queued rows in the table next to a
`);
  console.table(cases);
  console.log(
    JSON.stringify({ bench: "dispatch", cases, conditions: { ...conditions, node: process.version } }),
  );
}

await main();
