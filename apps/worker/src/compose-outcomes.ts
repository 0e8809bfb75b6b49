import {
  applyOutcomes,
  pauseFailingJobs,
  pauseJobFor,
  suppressPhone,
  type ClaimedMessage,
  type Database,
  type MovedMessage,
} from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";
import type { Logger, Metrics } from "@pregonero/runtime";
import type { SendFailure } from "./channels/channel.ts";
import { Announcer } from "./dispatch/announcer.ts";
import { OutcomeWriter } from "./dispatch/outcome-writer.ts";

/** What becomes of outcomes: written, announced, counted, judged. */
export interface Outcomes {
  readonly writer: OutcomeWriter;
  readonly announcer: Announcer;
  /** To be told of every message that moved. */
  readonly moved: (messages: readonly MovedMessage[]) => Promise<void>;
  /** What a refusal means beyond its message. */
  readonly refused: (message: ClaimedMessage, failure: SendFailure) => void;
}

export function composeOutcomes(parts: {
  db: Database;
  bus: EventBus;
  /** Messages of conversations are news of another kind. */
  chat: { moved(messages: readonly MovedMessage[]): void };
  metrics: Metrics;
  log: Logger;
}): Outcomes {
  const { db, bus, chat, metrics, log } = parts;
  const announcer = new Announcer(db, bus);
  const movedTotal = metrics.counter({
    name: "pregonero_messages_moved_total",
    help: "Messages by the state that they moved to",
    labelNames: ["state"],
  });
  const pauseJob = async (jobId: string, reason: string): Promise<void> => {
    if (await pauseJobFor(db, jobId, reason)) await announcer.owed();
  };
  const moved = async (messages: readonly MovedMessage[]): Promise<void> => {
    for (const message of messages) movedTotal.inc({ state: message.to });
    chat.moved(messages);
    await announcer.moved(messages);
    const failing = new Set(messages.filter(({ to }) => to === "failed").map(({ jobId }) => jobId));
    if ((await pauseFailingJobs(db, [...failing])).length > 0) await announcer.owed();
  };
  const heed = async (message: ClaimedMessage, failure: SendFailure): Promise<void> => {
    if (failure.code === "opted_out") {
      await suppressPhone(db, message.tenantId, message.phone, "told by the provider");
    } else if (failure.code === "template_rejected") {
      await pauseJob(message.jobId, `the provider refuses the template: ${failure.detail}`);
    }
  };
  return {
    writer: new OutcomeWriter({ apply: (outcomes) => applyOutcomes(db, outcomes), moved, log }),
    announcer,
    moved,
    refused: (message, failure) => {
      heed(message, failure).catch((error: unknown) =>
        log.warn("a refusal could not be heeded", { code: failure.code, error }),
      );
    },
  };
}
