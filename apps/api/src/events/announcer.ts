import {
  busChannel,
  type BusEvent,
  type JobProgress,
  type JobStatus,
  type SendMessagesJob,
} from "@pregonero/contracts";
import {
  activeDeviceIds,
  markAnnounced,
  readJobProgress,
  readUnannouncedJobs,
  type Database,
  type MovedMessage,
} from "@pregonero/db";
import type { Background } from "../background.ts";

export interface AnnouncerDeps {
  readonly db: Database;
  readonly bus: {
    publish(channel: string, event: BusEvent): Promise<boolean>;
    append(channel: string, event: BusEvent): Promise<boolean>;
  };
  readonly queues: { wake(deviceId: number): Promise<void> };
  readonly background: Background;
  /** Told of the messages that moved as well: those of conversations are news of another kind. */
  readonly chat: { moved(messages: readonly MovedMessage[]): void };
}

/**
 * Tells listeners and workers what was committed. All of it is a courtesy: a job of which nobody heard is found by the
 * workers' reconciler, and news that was not published is published by it.
 */
export class Announcer {
  readonly #deps: AnnouncerDeps;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  /** @param previous null when the job was just made */
  jobChanged(tenantId: number, job: SendMessagesJob, previous: JobStatus | null): void {
    const { background, db } = this.#deps;
    background.run("announce a job", () => this.#publishJob(tenantId, job, previous));
    background.run("wake the devices of a job", async () => {
      for (const deviceId of await activeDeviceIds(db.pool, job.id)) await this.#wake(deviceId);
    });
  }

  /** A device has a command, or is wanted: whoever holds it, or could, looks at once. */
  deviceNeedsLook(deviceId: number): void {
    const event: BusEvent = { type: "wake", deviceId };
    this.#deps.background.run("wake a device", () => this.#deps.bus.publish(busChannel.workers(), event));
  }

  deviceChanged(tenantId: number, device: Extract<BusEvent, { type: "device" }>["device"]): void {
    const event: BusEvent = { type: "device", device };
    this.#deps.background.run("announce a device", () =>
      this.#deps.bus.publish(busChannel.tenant(tenantId), event),
    );
  }

  /** Messages moved by a provider's word. Resolves when it was told, so that what follows is told after it. */
  async moved(messages: readonly MovedMessage[]): Promise<void> {
    const { db, chat } = this.#deps;
    chat.moved(messages);
    const jobIds = [...new Set(messages.map(({ jobId }) => jobId))];
    for (const job of await readJobProgress(db, jobIds)) {
      await this.#publishMoved(
        job,
        messages.filter(({ jobId }) => jobId === job.id),
      );
    }
    if (messages.some(({ jobCompleted }) => jobCompleted)) await this.owed();
  }

  /** Publishes every change of a job's status that nobody has published yet. */
  async owed(): Promise<void> {
    const { bus, db } = this.#deps;
    const owed = await readUnannouncedJobs(db);
    const previous = new Map(owed.map((job) => [job.id, job.previous]));
    for (const job of await readJobProgress(db, [...previous.keys()])) {
      const event: BusEvent = { type: "job", previous: previous.get(job.id) ?? null, job };
      const heard = await Promise.all([
        bus.publish(busChannel.job(job.id), event),
        bus.publish(busChannel.tenant(job.tenantId), event),
      ]);
      if (heard.every(Boolean)) await markAnnounced(db, [{ id: job.id, status: job.status }]);
    }
  }

  async #publishMoved(job: JobProgress, moved: readonly MovedMessage[]): Promise<void> {
    const items = moved.map(({ messageId, deviceId, phone, from, to, errorCode }) => ({
      messageId,
      deviceId,
      phone,
      from,
      state: to,
      errorCode,
    }));
    await this.#deps.bus.append(busChannel.job(job.id), { type: "messages", jobId: job.id, items, job });
  }

  async #publishJob(tenantId: number, job: SendMessagesJob, previous: JobStatus | null): Promise<void> {
    const { bus, db } = this.#deps;
    const [progress] = await readJobProgress(db, [job.id]);
    if (!progress) return;
    // A worker may have moved it on since: that change is announced by whoever made it.
    const then = { ...progress, status: job.status, statusReason: job.status_reason };
    const event: BusEvent = { type: "job", previous, job: then };
    const heard = await Promise.all([
      bus.publish(busChannel.job(job.id), event),
      bus.publish(busChannel.tenant(tenantId), event),
    ]);
    if (heard.every(Boolean)) await markAnnounced(db, [{ id: job.id, status: job.status }]);
  }

  async #wake(deviceId: number): Promise<void> {
    await this.#deps.queues.wake(deviceId);
    await this.#deps.bus.publish(busChannel.workers(), { type: "wake", deviceId });
  }
}
