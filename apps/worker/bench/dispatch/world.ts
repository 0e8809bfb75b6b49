import { randomUUID } from "node:crypto";
import {
  acquireDevices,
  applyOutcomes,
  claimMessages,
  confirmClaims,
  openDatabase,
  registerWorker,
  uncountClaims,
  type Database,
} from "@pregonero/db";
import { makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import { EventBus } from "@pregonero/queue";
import { createLogger, monotonicMs } from "@pregonero/runtime";
import type { Channel } from "../../src/channels/channel.ts";
import { Lease } from "../../src/devices/lease.ts";
import { Announcer } from "../../src/dispatch/announcer.ts";
import { Contents } from "../../src/dispatch/content.ts";
import { OutcomeWriter } from "../../src/dispatch/outcome-writer.ts";
import { DevicePace } from "../../src/dispatch/pace.ts";
import { TimeZones } from "../../src/dispatch/time-zones.ts";
import { Turn } from "../../src/dispatch/turn.ts";

const leaseMs = 3_600_000;

/** A database with one device that this process holds. */
export interface World {
  readonly db: Database;
  readonly bus: EventBus;
  readonly tenantId: number;
  readonly lease: Lease;
  close(): Promise<void>;
}

/** @param url of a migrated database */
export async function openWorld(url: string, redisUrl: string): Promise<World> {
  const db = openDatabase({ url, name: "bench" });
  const bus = new EventBus({ url: redisUrl, prefix: "bench", name: "bench" });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const workerId = randomUUID();
  const worker = { id: workerId, name: "bench", host: "-", pid: process.pid, version: "-", slots: 1 };
  await registerWorker(db, worker);
  const [device] = await acquireDevices(db, { workerId, kinds: ["whatsapp_web"], limit: 1, leaseMs });
  if (!device) throw new Error("no device");
  return {
    db,
    bus,
    tenantId,
    lease: new Lease({ deviceId: device.id, workerId, epoch: device.epoch }, monotonicMs(), leaseMs),
    close: async () => {
      await bus.close();
      await db.close();
    },
  };
}

/** Puts a paused job of so many messages in the table. */
export async function addBacklog({ db, tenantId }: World, messages: number): Promise<void> {
  const id = await makeJob(db, { tenantId, messages });
  await db.pool.query("UPDATE send_messages_jobs SET status = 'paused' WHERE id = $1", [id]);
}

/** Sends a job of `messages` through the whole way: claimed, fenced, sent, recorded, counted, published. @returns ms */
export async function dispatch(world: World, channel: Channel, messages: number): Promise<number> {
  const { db, bus, tenantId, lease } = world;
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
      uncount: (given) => uncountClaims(db, given),
    },
    writer,
    pace: new DevicePace({
      stored: {},
      fallback: {},
      linkedAt: null,
      dueInMs: null,
      timeZones: new TimeZones(new Map()),
    }),
    contents: new Contents(),
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
