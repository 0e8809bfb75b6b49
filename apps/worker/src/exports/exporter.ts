import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import {
  claimExport,
  dropOldExports,
  finishExport,
  readReportFacts,
  readResults,
  readSteps,
  type ClaimedExport,
  type Database,
} from "@pregonero/db";
import { maskPhone } from "@pregonero/domain";
import { sleep, type Logger } from "@pregonero/runtime";
import type { BlobStore } from "@pregonero/storage";
import { reportPage, type ReportRow } from "./report-page.ts";

export interface ExporterOptions {
  readonly db: Database;
  readonly blobs: Pick<BlobStore, "put" | "delete">;
  readonly print: <T>(html: string, use: (pdf: Readable) => Promise<T>) => Promise<T>;
  readonly log: Logger;
  readonly everyMs: number;
  /** Longer than any report takes. */
  readonly leaseMs: number;
}

/** Rows that a report shows; a list of a hundred thousand is for a spreadsheet. */
const rowsShown = 2_000;
const attempts = 3;
const keptMs = 7 * 86_400_000;
const sweepEveryMs = 3_600_000;

/** Prints reports that were asked for, one at a time. One whose worker was killed is printed by another. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (await sleep(this.#options.everyMs, this.#stop.signal)) {
      try {
        await this.round();
      } catch (error) {
        this.#options.log.warn("reports could not be printed", { error });
      }
    }
  }

  /** Everything that waits. */
  async round(): Promise<void> {
    const { db, leaseMs } = this.#options;
    if (performance.now() - this.#sweptAtMs > sweepEveryMs) await this.#sweep();
    while (!this.#stop.signal.aborted) {
      const claim = await claimExport(db, leaseMs);
      if (claim === null) return;
      await this.#serve(claim);
    }
  }

  async #serve(claim: ClaimedExport): Promise<void> {
    const { db, log, blobs } = this.#options;
    try {
      const html = await this.#page(claim);
      if (html === null) {
        await finishExport(db, claim, { status: "failed", error: "the job is gone" });
        return;
      }
      // A key of its own for each try: a worker that counts as lost may still be writing.
      const blobKey = `tenant/${claim.tenantId}/exports/${randomUUID()}.pdf`;
      const { bytes } = await this.#options.print(html, (pdf) =>
        blobs.put(blobKey, pdf, { contentType: "application/pdf" }),
      );
      const own = await finishExport(db, claim, { status: "completed", blobKey, bytes });
      if (!own) await blobs.delete(blobKey);
    } catch (error) {
      log.warn("a report could not be printed", { export: claim.id, attempt: claim.attempt, error });
      const status = claim.attempt < attempts ? "pending" : "failed";
      await finishExport(db, claim, { status, error: "it could not be printed" });
    }
  }

  async #page({ tenantId, jobId, jobType, masked, language }: ClaimedExport): Promise<string | null> {
    const { db } = this.#options;
    const facts = await readReportFacts(db.pool, { tenantId, id: jobId, type: jobType });
    if (facts === null) return null;
    const rows = jobType === "send_messages" ? await recipients(db, jobId, masked) : await domains(db, jobId);
    return reportPage({ jobType, language, facts, rows, now: new Date() });
  }

  async #sweep(): Promise<void> {
    const { db, blobs } = this.#options;
    this.#sweptAtMs = performance.now();
    for (const key of await dropOldExports(db, keptMs)) await blobs.delete(key);
  }
}

async function recipients(db: Database, jobId: string, masked: boolean): Promise<ReportRow[]> {
  const shown: ReportRow[] = [];
  for await (const batch of readResults(db, [jobId])) {
    for (const row of batch.slice(0, rowsShown - shown.length)) {
      const who = masked ? maskPhone(row.phone) : `+${row.phone}`;
      const at = row.read_at ?? row.delivered_at ?? row.sent_at ?? row.finished_at;
      const detail = row.error_detail ?? row.error_code;
      shown.push({ number: row.seq, who, state: row.state, device: row.device, at, detail });
    }
    if (shown.length >= rowsShown) break;
  }
  return shown;
}

async function domains(db: Database, jobId: string): Promise<ReportRow[]> {
  const shown: ReportRow[] = [];
  for await (const batch of readSteps(db, jobId)) {
    for (const row of batch.slice(0, rowsShown - shown.length)) {
      const detail = row.error_message ?? row.result_data?.title ?? null;
      const { step_number: number, name: who, status: state, completed_at: at } = row;
      shown.push({ number, who, state, device: null, at, detail });
    }
    if (shown.length >= rowsShown) break;
  }
  return shown;
}
