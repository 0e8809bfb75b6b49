import type { JobContent, SendMessagesJob } from "@pregonero/contracts";
import {
  copyMessages,
  insertJob,
  uuidv7,
  writeAudit,
  type Actor,
  type Database,
  type NewJob,
  type PlannedMessage,
  type Transaction,
} from "@pregonero/db";
import type { Announcer } from "../events/announcer.ts";
import { createOnce, type IdempotencyKey } from "../http/idempotency.ts";
import type { ApiMetrics } from "../http/metrics.ts";
import type { AnyReply } from "../http/route.ts";
import { tooManyMessages, type IntakeLimits } from "../intake/limits.ts";
import { resolveSenders, type SenderChoice } from "../intake/senders.ts";

/** A send without a campaign: its recipients are known to be valid. */
export interface SendOrder {
  readonly kind: "bulk" | "single";
  readonly laneClass: "interactive" | "bulk";
  readonly priority: number;
  readonly senders: SenderChoice;
  /** Undefined: all that are named, else 5. */
  readonly devicesLimit: number | undefined;
  readonly intervalMs: number;
  /** The template of messages that have no text of their own. */
  readonly body: string | null;
  /** Sent in place of it. */
  readonly content?: JobContent | null;
  readonly messages: readonly Omit<PlannedMessage, "seq">[];
}

export interface MadeSend {
  readonly job: SendMessagesJob;
  /** In the order of the messages. */
  readonly messageIds: readonly string[];
}

export interface SendDeskDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly metrics: Pick<ApiMetrics, "intakeRows">;
  readonly rules: { readonly limits: IntakeLimits };
}

const defaultDevicesLimit = 5;
const maxAttempts = 3;

/** Takes orders for bulk and single sends: one transaction each, announced after it. */
export class SendDesk {
  readonly #deps: SendDeskDeps;

  constructor(deps: SendDeskDeps) {
    this.#deps = deps;
  }

  /** @throws ApiProblem `too_large`, `unknown_device`, `unknown_pool` */
  async place<R extends AnyReply>(
    who: Actor,
    order: SendOrder,
    idempotency: IdempotencyKey | null,
    replyTo: (made: MadeSend) => R,
  ): Promise<R> {
    const { db, announcer, metrics, rules } = this.#deps;
    if (order.messages.length > rules.limits.maxMessages) throw tooManyMessages(rules.limits);
    return await createOnce(
      db,
      { tenantId: who.tenantId, idempotency },
      async (tx) => {
        const made = await store(tx, who, order);
        return { made, reply: replyTo(made) };
      },
      ({ job }) => {
        metrics.intakeRows.inc({ result: "accepted" }, job.total);
        announcer.jobChanged(who.tenantId, job, null);
      },
    );
  }
}

async function store(tx: Transaction, who: Actor, order: SendOrder): Promise<MadeSend> {
  const deviceIds = await resolveSenders(tx, who.tenantId, order.senders);
  const id = uuidv7();
  const messages = order.messages.map((message, index) => ({ ...message, seq: index + 1 }));
  const messageIds = await copyMessages(tx, { id, tenantId: who.tenantId }, messages);
  const job = await insertJob(tx, who, newJob(id, order, deviceIds));
  await writeAudit(tx, who, {
    action: `${order.kind}.send`,
    subject: `job:${id}`,
    detail: { total: job.total },
  });
  return { job, messageIds };
}

function newJob(id: string, order: SendOrder, deviceIds: readonly number[] | null): NewJob {
  return {
    id,
    campaignId: null,
    kind: order.kind,
    laneClass: order.laneClass,
    priority: order.priority,
    body: order.body,
    content: order.content,
    devicesLimit: order.devicesLimit ?? deviceIds?.length ?? defaultDevicesLimit,
    deviceIds,
    intervalMs: order.intervalMs,
    maxAttempts,
    unknownPolicy: "hold",
    total: order.messages.length,
    paused: false,
  };
}
