import {
  acquireDevices,
  applyOutcomes,
  claimMessages,
  LeaseLost,
  readOpenClaims,
  readOrphanedClaims,
  releaseLease,
  renewLeases,
  type Database,
  type OpenClaim,
  type Outcome,
} from "../../src/index.ts";
import { countersAndRecount, makeJob, makeTenant, makeWorker } from "../fixtures.ts";
import { leaseMs, type Step, type Who } from "./steps.ts";

const settleMs = 60_000;
/** A claim wants so much of the lease left, and a call must have begun so much before its end. */
const sendMs = 3_000;
const marginMs = 500;

interface Held {
  readonly deviceId: number;
  readonly epoch: number;
  /** As the worker knows it: counted from the moment of asking, on this world's clock. */
  validUntilMs: number;
}

/**
 * Until when a call may begin: the end of the lease as it was when the message was claimed, which the row knows too; or,
 * wrongly, as it is by now.
 */
export type Deadline = "of the claim" | "of the lease";

interface Ready {
  readonly id: string;
  readonly phone: string;
  readonly deviceId: number;
  readonly notAfterMs: number;
}

/** A worker's memory, which dies with it. */
interface Mind {
  readonly workerId: string;
  readonly leases: Map<number, Held>;
  readonly ready: Ready[];
  /** Calls that it made and whose end it has not written down. */
  readonly calls: Set<string>;
  last: Outcome | undefined;
}

/** A call in the device's own store: from before it goes out, whatever becomes of the worker. */
interface Stored {
  readonly phone: string;
  delivered: boolean;
}

/**
 * Two workers, a provider and the time, as the protocol sees them. The rows are real; time passes by moving every instant
 * in them back. @throws Error when a promise does not hold
 */
export class ProtocolWorld {
  readonly #db: Database;
  readonly #jobId: string;
  readonly #messages: number;
  readonly #deviceIds: readonly number[];
  readonly #minds: Record<Who, Mind>;
  readonly #deadline: Deadline;
  readonly #store = new Map<string, Stored>();
  /** How often each number got its message. */
  readonly #arrived = new Map<string, number>();
  #nowMs = 0;
  #stolen = false;

  private constructor(parts: {
    db: Database;
    jobId: string;
    messages: number;
    deviceIds: readonly number[];
    minds: Record<Who, Mind>;
    deadline: Deadline;
  }) {
    this.#db = parts.db;
    this.#jobId = parts.jobId;
    this.#messages = parts.messages;
    this.#deviceIds = parts.deviceIds;
    this.#minds = parts.minds;
    this.#deadline = parts.deadline;
  }

  static async create(
    db: Database,
    messages: number,
    deadline: Deadline = "of the claim",
  ): Promise<ProtocolWorld> {
    const tenantId = await makeTenant(db);
    const deviceIds: number[] = [];
    for (const name of ["one", "two"]) {
      const linkedAt = new Date(0);
      const { id } = await db.prisma.device.create({
        data: {
          tenantId,
          name,
          kind: "whatsapp_web",
          wanted: true,
          linked: true,
          linkedAt,
          state: "connected",
        },
      });
      deviceIds.push(id);
    }
    const jobId = await makeJob(db, { tenantId, messages, maxAttempts: 1_000, firstPhone: 34_600_000_000 });
    return new ProtocolWorld({
      db,
      jobId,
      messages,
      deviceIds,
      minds: { a: await newMind(db), b: await newMind(db) },
      deadline,
    });
  }

  async happen(step: Step): Promise<void> {
    switch (step.do) {
      case "acquire":
        return await this.#acquire(this.#minds[step.who], step.lateMs);
      case "renew":
        return await this.#renew(this.#minds[step.who], step.lateMs);
      case "claim":
        return await this.#claim(this.#minds[step.who], step.limit);
      case "claim, die":
        await this.#claim(this.#minds[step.who], step.limit);
        return await this.#crash(step.who);
      case "begin":
        return await this.#begin(this.#minds[step.who]);
      case "deliver":
        return this.#deliver();
      case "record":
        return await this.#record(this.#minds[step.who]);
      case "record again":
        return await this.#apply(this.#minds[step.who].last);
      case "settle":
        return await this.#settle(this.#minds[step.who]);
      case "release":
        return await this.#release(this.#minds[step.who]);
      case "crash":
        return await this.#crash(step.who);
      case "steal":
        return await this.#steal();
      case "reconcile":
        return await this.#reconcile();
      case "pause":
        return await this.#setStatus("paused", ["pending", "running"]);
      case "resume":
        return await this.#setStatus("running", ["paused"]);
      case "time passes":
        return await this.#pass(step.ms);
    }
  }

  /** What must hold at every moment. */
  async check(): Promise<void> {
    for (const [phone, times] of this.#arrived)
      if (times > 1) throw new Error(`${phone} arrived ${times} times`);
    for (const deviceId of this.#deviceIds) {
      const believers = Object.values(this.#minds).filter(
        ({ leases }) => (leases.get(deviceId)?.validUntilMs ?? 0) > this.#nowMs,
      );
      if (believers.length > 1 && !this.#stolen)
        throw new Error(`two workers believe that they hold device ${deviceId}`);
    }
    const { counters, recount } = await countersAndRecount(this.#db, this.#jobId);
    if (JSON.stringify(counters) !== JSON.stringify(recount))
      throw new Error(`counters ${JSON.stringify(counters)}, recounted ${JSON.stringify(recount)}`);
  }

  /** Both workers die; a fresh one finishes what can be finished. Then every number has its message, once. */
  async finish(): Promise<void> {
    await this.#crash("b");
    await this.#crash("a");
    const { a: mind } = this.#minds;
    await this.#setStatus("running", ["paused"]);
    for (let round = 0; round < 100; round++) {
      await this.#pass(leaseMs + 1_000);
      await this.#reconcile();
      for (const _device of this.#deviceIds) await this.#acquire(mind, 0);
      await this.#claim(mind, 4);
      while (mind.ready.length > 0) await this.#begin(mind);
      while ([...this.#store.values()].some(({ delivered }) => !delivered)) this.#deliver();
      while (mind.calls.size > 0) await this.#record(mind);
      await this.#settle(mind);
      await this.check();
      if ((await this.#job()).status === "completed") break;
    }
    const { status, sent } = await this.#job();
    if (status !== "completed" || sent !== this.#messages)
      throw new Error(`in the end ${status}, ${sent} sent`);
    if (this.#arrived.size !== this.#messages) throw new Error(`in the end ${this.#arrived.size} arrived`);
  }

  /** No later world takes this one's devices. */
  async close(): Promise<void> {
    await this.#db.pool.query("UPDATE devices SET wanted = false WHERE id = ANY ($1)", [this.#deviceIds]);
  }

  async #acquire({ workerId, leases }: Mind, lateMs: number): Promise<void> {
    const askedAtMs = this.#nowMs;
    const kinds = ["whatsapp_web"] as const;
    const devices = await acquireDevices(this.#db, { workerId, kinds, limit: 1, leaseMs });
    for (const { id, epoch } of devices)
      // The answer is slow, and the lease is reckoned from the asking: the worker's is over first.
      leases.set(id, { deviceId: id, epoch, validUntilMs: askedAtMs - lateMs + leaseMs });
  }

  async #renew({ workerId, leases }: Mind, lateMs: number): Promise<void> {
    const askedAtMs = this.#nowMs;
    const held = [...leases.values()].filter(({ validUntilMs }) => validUntilMs > this.#nowMs);
    const renewed = new Set(
      (await renewLeases(this.#db, { workerId, leases: held, leaseMs })).map(({ deviceId }) => deviceId),
    );
    for (const lease of held) {
      if (renewed.has(lease.deviceId)) lease.validUntilMs = askedAtMs - lateMs + leaseMs;
      else leases.delete(lease.deviceId);
    }
  }

  /** Of every device that it ever thought to hold: the fence and not the worker is what is tried here. */
  async #claim({ workerId, leases, ready }: Mind, limit: number): Promise<void> {
    for (const { deviceId, epoch, validUntilMs } of leases.values()) {
      const lease = { deviceId, workerId, epoch };
      const claimed = await claimMessages(this.#db, {
        lease,
        limit,
        quantum: limit,
        sendMs,
        laneClass: "bulk",
      }).catch((error: unknown) => {
        if (!(error instanceof LeaseLost)) throw error;
        return [];
      });
      for (const { providerMessageId: id, phone } of claimed)
        ready.push({ id, phone, deviceId, notAfterMs: validUntilMs - marginMs });
    }
  }

  async #begin({ ready, calls, leases }: Mind): Promise<void> {
    const next = ready.shift();
    if (!next) return;
    const ofLease = (leases.get(next.deviceId)?.validUntilMs ?? 0) - marginMs;
    if (this.#nowMs >= (this.#deadline === "of the claim" ? next.notAfterMs : ofLease)) {
      const why = { errorCode: "not_started", refund: true, dueMs: 0 };
      await applyOutcomes(this.#db, [
        { providerMessageId: next.id, state: "retrying", at: new Date(), ...why },
      ]);
      return;
    }
    this.#store.set(next.id, { phone: next.phone, delivered: false });
    calls.add(next.id);
  }

  #deliver(): void {
    const next = [...this.#store.values()].find(({ delivered }) => !delivered);
    if (!next) return;
    next.delivered = true;
    this.#arrived.set(next.phone, (this.#arrived.get(next.phone) ?? 0) + 1);
  }

  async #record(mind: Mind): Promise<void> {
    const [id] = mind.calls;
    if (id === undefined) return;
    mind.calls.delete(id);
    const at = new Date();
    const unknown = { state: "unknown", errorCode: "outcome_unknown", settleMs } as const;
    mind.last = {
      providerMessageId: id,
      at,
      ...(this.#store.get(id)?.delivered ? { state: "sent" } : unknown),
    };
    await this.#apply(mind.last);
  }

  async #apply(outcome: Outcome | undefined): Promise<void> {
    if (outcome) await applyOutcomes(this.#db, [outcome]);
  }

  /** As the holder of a device does: claims of former epochs become unknown, unknown ones are looked up. */
  async #settle({ leases }: Mind): Promise<void> {
    for (const { deviceId, epoch, validUntilMs } of leases.values()) {
      if (validUntilMs <= this.#nowMs) continue;
      const open = await readOpenClaims(this.#db, deviceId);
      const outcomes = open.flatMap((claim) => this.#answer(claim, epoch) ?? []);
      await applyOutcomes(this.#db, outcomes);
    }
  }

  #answer(
    { providerMessageId, state, epoch, sendByPassed, inSession }: OpenClaim,
    mine: number,
  ): Outcome | null {
    const outcome = { providerMessageId, at: new Date() };
    if (state === "sending")
      return epoch < mine ? { ...outcome, state: "unknown", errorCode: "lease_lost", settleMs } : null;
    if (!sendByPassed) return null;
    const stored = this.#store.get(providerMessageId);
    if (stored?.delivered) return { ...outcome, state: "sent" };
    if (stored || !inSession) return null;
    return { ...outcome, state: "retrying", errorCode: "provider_temporary", dueMs: 0 };
  }

  async #release({ workerId, leases, ready, calls }: Mind): Promise<void> {
    // Nothing may be under way.
    if (ready.length > 0 || calls.size > 0) return;
    for (const { deviceId, epoch } of leases.values())
      await releaseLease(this.#db, { workerId, deviceId, epoch });
    leases.clear();
  }

  async #crash(who: Who): Promise<void> {
    // A new process, with an id of its own.
    this.#minds[who] = await newMind(this.#db);
  }

  async #steal(): Promise<void> {
    this.#stolen = true;
    await this.#db.pool.query(
      "UPDATE devices SET lease_expires_at = clock_timestamp() WHERE id = ANY ($1) AND lease_worker_id IS NOT NULL",
      [this.#deviceIds],
    );
  }

  async #reconcile(): Promise<void> {
    const at = new Date();
    const lost = { state: "unknown", errorCode: "lease_lost", settleMs, at } as const;
    const ids = await readOrphanedClaims(this.#db);
    await applyOutcomes(
      this.#db,
      ids.map((providerMessageId) => ({ providerMessageId, ...lost })),
    );
  }

  async #setStatus(to: string, from: readonly string[]): Promise<void> {
    await this.#db.pool.query(
      "UPDATE send_messages_jobs SET status = $2::job_status WHERE id = $1 AND status = ANY ($3::job_status[])",
      [this.#jobId, to, from],
    );
  }

  async #pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    const past = "$2 * interval '1 millisecond'";
    await this.#db.pool.query(
      `UPDATE devices SET lease_expires_at = lease_expires_at - ${past} WHERE id = ANY ($1)`,
      [this.#deviceIds, ms],
    );
    await this.#db.pool.query(
      `UPDATE messages SET send_by = send_by - ${past}, settle_until = settle_until - ${past}, due_at = due_at - ${past},
         claimed_at = claimed_at - ${past} WHERE job_id = $1`,
      [this.#jobId, ms],
    );
    await this.#db.pool.query(
      `UPDATE lanes SET ready_at = ready_at - ${past} WHERE job_id = $1 AND ready_at < 'infinity'`,
      [this.#jobId, ms],
    );
  }

  async #job() {
    return await this.#db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id: this.#jobId } });
  }
}

async function newMind(db: Database): Promise<Mind> {
  const workerId = await makeWorker(db);
  return { workerId, leases: new Map(), ready: [], calls: new Set(), last: undefined };
}
