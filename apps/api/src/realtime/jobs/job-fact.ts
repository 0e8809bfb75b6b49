import { percentage, type JobProgress } from "@pregonero/contracts";

/** What a client is shown of a job's counters. */
export interface Figures {
  readonly sent: number;
  readonly failed: number;
  readonly total: number;
  /** One decimal. */
  readonly percentage: number;
}

/** One thing that happened to a job, with the figures after it. In whatever dialect it will be told. */
export type JobFact =
  | {
      readonly kind: "created" | "started" | "paused" | "resumed" | "cancelled";
      readonly figures: Figures;
      readonly job: JobProgress;
    }
  | { readonly kind: "completed" | "failed"; readonly figures: Figures; readonly job: JobProgress }
  | {
      readonly kind: "message_sent";
      readonly figures: Figures;
      readonly deviceId: number | null;
      readonly phone: string;
    }
  | {
      readonly kind: "message_failed";
      readonly figures: Figures;
      readonly deviceId: number | null;
      readonly phone: string;
      readonly errorCode: string | null;
    }
  /** Messages moved whose own events were lost: only the figures are known. */
  | { readonly kind: "caught_up"; readonly figures: Figures };

/** Facts of one job that go out together, in order. The same object goes to every listener. */
export interface JobNews {
  readonly jobId: string;
  readonly facts: readonly JobFact[];
}

export function createdFact(job: JobProgress): JobFact {
  const { sent, failed, total } = job;
  return { kind: "created", figures: { sent, failed, total, percentage: percentage(job) }, job };
}
