import { randomUUID } from "node:crypto";
import { busChannel, type JobProgress } from "@pregonero/contracts";
import { createApiKey, type Database } from "@pregonero/db";
import { freePort, startProcess } from "@pregonero/local-stack";
import { EventBus } from "@pregonero/queue";
import { Emitter } from "@socket.io/redis-emitter";
import { Redis } from "ioredis";
import { HelperProcess } from "./helper-process.ts";
import { paced } from "./pace.ts";
import { frameOf, moved, nowUs } from "./payload.ts";

/** A server with a way to make it tell something to its clients. */
export interface Contender {
  readonly kind: "native" | "bare" | "socket.io";
  readonly url: string;
  readonly token: string;
  readonly channel: string;
  /** @returns how many events were published */
  publish(perSecond: number, seconds: number): Promise<number>;
  close(): Promise<void>;
}

const jobTotal = 100_000_000;

/** The API itself; events come from here over Redis, as from a worker. */
export async function openNative(db: Database, tenantId: number): Promise<Contender> {
  const { key } = await createApiKey(db.pool, { tenantId, name: "bench", role: "operator" });
  const port = await freePort();
  const env = { PORT: String(port), HOST: "127.0.0.1", AUTH: "required", LOG_FILE: "off", LOG_LEVEL: "warn" };
  const ready = { url: `http://127.0.0.1:${port}/readyz` };
  const api = await startProcess({ name: "api", entry: "apps/api", env, ready });
  const bus = new EventBus({ url: process.env["REDIS_URL"] ?? "", prefix: "pregonero", name: "bench" });
  const jobId = randomUUID();
  await db.pool.query(
    `INSERT INTO send_messages_jobs (id, tenant_id, kind, status, total, created_by) VALUES ($1, $2, 'campaign', 'running', $3, 'bench')`,
    [jobId, tenantId, jobTotal],
  );
  let sent = 0;
  return {
    kind: "native",
    url: `ws://127.0.0.1:${port}/ws`,
    token: key,
    channel: `job:${jobId}:messages`,
    async publish(perSecond, seconds) {
      const written: Promise<boolean>[] = [];
      const keepRow = setInterval(() => {
        void db.pool.query("UPDATE send_messages_jobs SET sent = $2 WHERE id = $1", [jobId, sent]);
      }, 500);
      const total = await paced(perSecond, seconds, () => {
        sent += 1;
        const event = {
          type: "messages" as const,
          jobId,
          items: [moved(nowUs())],
          job: progress(jobId, tenantId, sent),
        };
        written.push(bus.append(busChannel.job(jobId), event));
      });
      clearInterval(keepRow);
      if (!(await Promise.all(written)).every(Boolean)) throw new Error("Redis did not take every event");
      return total;
    },
    async close() {
      await bus.close();
      await api.close();
    },
  };
}

function progress(id: string, tenantId: number, sent: number): JobProgress {
  const none = {
    sending: 0,
    delivered: 0,
    read: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    unknown: 0,
    settling: 0,
  };
  return {
    id,
    tenantId,
    status: "running",
    statusReason: null,
    total: jobTotal,
    sent,
    devicesUsed: 1,
    ...none,
  };
}

export async function openBare(): Promise<Contender> {
  const server = new HelperProcess("rival.ts", ["bare"]);
  const { port } = await server.answer<{ port: number }>();
  const jobId = randomUUID();
  return {
    kind: "bare",
    url: `ws://127.0.0.1:${port}`,
    token: "",
    channel: "",
    async publish(perSecond, seconds) {
      return (await server.ask<{ published: number }>({ perSecond, seconds, jobId })).published;
    },
    close: () => server.close(),
  };
}

export async function openSocketIo(): Promise<Contender> {
  const server = new HelperProcess("rival.ts", ["socket.io"]);
  const { port } = await server.answer<{ port: number }>();
  const redis = new Redis(process.env["REDIS_URL"] ?? "");
  const emitter = new Emitter(redis);
  const jobId = randomUUID();
  let number = 0;
  return {
    kind: "socket.io",
    url: `http://127.0.0.1:${port}`,
    token: "",
    channel: "",
    publish: (perSecond, seconds) =>
      paced(perSecond, seconds, () => void emitter.emit("events", frameOf(jobId, (number += 1), nowUs()))),
    async close() {
      redis.disconnect();
      await server.close();
    },
  };
}
