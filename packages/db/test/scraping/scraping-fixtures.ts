import { scrapingConfigSchema, type ReportData, type ScrapingConfig } from "@pregonero/contracts";
import {
  claimScrapingStep,
  insertScrapingJob,
  transaction,
  type ClaimedStep,
  type Database,
  type StepOutcome,
} from "../../src/index.ts";

const leaseMs = 60_000;

interface JobOptions {
  readonly tenantId: number;
  readonly domains: readonly string[];
  readonly config?: Partial<ScrapingConfig>;
  readonly priority?: number;
}

export async function makeScrapingJob(db: Database, options: JobOptions): Promise<string> {
  const { tenantId, domains, config = {}, priority = 5 } = options;
  const job = await transaction(db, (tx) =>
    insertScrapingJob(
      tx,
      { tenantId, actor: "test" },
      {
        name: null,
        description: null,
        config: scrapingConfigSchema.parse({ interval_ms: 0, ...config }),
        priority,
        steps: domains.map((name) => ({ name, host: name, url: `https://${name}/` })),
      },
    ),
  );
  return job.id;
}

export const names = (count: number, prefix = "site") =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}.example`);

export async function claimed(db: Database, workerId: string, lease = leaseMs): Promise<ClaimedStep> {
  const step = await claimScrapingStep(db, workerId, lease);
  if (!step) throw new Error("there was nothing to claim");
  return step;
}

const report: ReportData = {
  final_url: "https://site1.example/",
  http_status: 200,
  redirects: [],
  tls: null,
  title: "Site",
  description: null,
  language: "es",
  headings: [],
  word_count: 3,
  links: { internal: 1, external: 0, checked: 0, broken: 0, broken_links: [] },
  technologies: [],
  contacts: { emails: [], phones: [], whatsapp: [], social: [] },
  timings: { ttfb_ms: 1, dom_ready_ms: 2, load_ms: 3, visit_ms: 4 },
  weight: { bytes: 10, requests: 1 },
  notes: [],
};

export const completed = ({ claimId }: { claimId: string }): StepOutcome => ({
  claimId,
  status: "completed",
  report,
  screenshots: { full: null, thumbnail: null },
  result: { title: "Site" },
});

export const failed = ({ claimId }: { claimId: string }): StepOutcome => ({
  claimId,
  status: "failed",
  code: "dns",
  message: "no such domain",
  result: null,
});

export const skipped = ({ claimId }: { claimId: string }): StepOutcome => ({
  claimId,
  status: "skipped",
  code: "robots",
  message: "robots.txt",
  result: null,
});

export const again = ({ claimId }: { claimId: string }, retryMs = 0): StepOutcome => ({
  claimId,
  status: "pending",
  code: "timeout",
  message: "too slow",
  retryMs,
  refund: false,
  result: null,
});

/** Counters of a job as they stand, and recounted from its steps: they must be equal at every commit. */
export async function stepCounters(db: Database, jobId: string) {
  const count = (status: string) => `'${status}', count(*) FILTER (WHERE s.status = '${status}')`;
  const words = ["running", "completed", "failed", "cancelled", "skipped"];
  const { rows } = await db.pool.query<{ counters: Record<string, number>; recount: Record<string, number> }>(
    `SELECT json_build_object(${words.map((word) => `'${word}', j.${word}`).join(", ")}) AS counters,
       json_build_object(${words.map(count).join(", ")}) AS recount
     FROM scraping_jobs j JOIN scraping_steps s ON s.job_id = j.id WHERE j.id = $1 GROUP BY j.id`,
    [jobId],
  );
  return { counters: rows[0]?.counters, recount: rows[0]?.recount };
}

export async function jobRow(db: Database, id: string) {
  return await db.prisma.scrapingJob.findUniqueOrThrow({ where: { id } });
}
