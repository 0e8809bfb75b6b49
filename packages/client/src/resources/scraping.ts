import type {
  CreateScrapingJob,
  JobComment,
  JobReport,
  JobStatus,
  Report,
  ReportComparison,
  ReportSummary,
  RetryFailedStepsAnswer,
  ScrapingJob,
  ScrapingStep,
  ScrapingStepStatus,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

export interface ScrapingJobsQuery extends PageQuery {
  readonly status?: JobStatus;
}

export interface ScrapingStepsQuery extends PageQuery {
  readonly status?: ScrapingStepStatus;
}

export interface ReportsQuery extends PageQuery {
  readonly domain?: string;
}

const path = (id: string, action = "") => `/api/v1/scraping-jobs/${encodeURIComponent(id)}${action}`;

/** Jobs that visit websites and write a report for each. */
export class ScrapingJobs {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Answers before anything is visited. Rejects with 422 naming the domains that are none. */
  create(job: CreateScrapingJob, options?: CreateOptions): Promise<ScrapingJob> {
    return this.#http.post("/api/v1/scraping-jobs", job, options);
  }

  list(query: ScrapingJobsQuery = {}, options?: CallOptions): Promise<Page<ScrapingJob>> {
    return this.#http.get("/api/v1/scraping-jobs", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<ScrapingJob> {
    return this.#http.get(path(id), {}, options);
  }

  steps(id: string, query: ScrapingStepsQuery = {}, options?: CallOptions): Promise<Page<ScrapingStep>> {
    return this.#http.get(path(id, "/steps"), { ...query }, options);
  }

  allSteps(
    id: string,
    query: ScrapingStepsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<ScrapingStep, void> {
    return allPages((cursor) =>
      this.steps(id, { limit: 1_000, ...query, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }

  /** All of its reports in one. */
  report(id: string, options?: CallOptions): Promise<JobReport> {
    return this.#http.get(path(id, "/report"), {}, options);
  }

  /** Visits under way end; nothing more is begun. Rejects with 409 when it cannot be paused. */
  pause(id: string, options?: CallOptions): Promise<ScrapingJob> {
    return this.#http.post(path(id, "/pause"), undefined, options);
  }

  resume(id: string, options?: CallOptions): Promise<ScrapingJob> {
    return this.#http.post(path(id, "/resume"), undefined, options);
  }

  /** For good; visits under way end at once. */
  cancel(id: string, options?: CallOptions): Promise<ScrapingJob> {
    return this.#http.post(path(id, "/cancel"), undefined, options);
  }

  retryFailed(id: string, options?: CallOptions): Promise<RetryFailedStepsAnswer> {
    return this.#http.post(path(id, "/retry-failed"), undefined, options);
  }
}

/** What visits of websites found. */
export class Reports {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: ReportsQuery = {}, options?: CallOptions): Promise<Page<ReportSummary>> {
    return this.#http.get("/api/v1/reports", { ...query }, options);
  }

  /** A report has the id of its step. Its pictures are at `screenshot_url` and `thumbnail_url`, for whoever is signed in. */
  get(id: string, options?: CallOptions): Promise<Report> {
    return this.#http.get(`/api/v1/reports/${encodeURIComponent(id)}`, {}, options);
  }

  /** A picture of the whole page. Rejects with 404 when none was taken. */
  screenshot(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(`/api/reports/${encodeURIComponent(id)}/screenshot`, options);
  }

  /** Field by field, the older one first. Rejects with 409 when they are about different domains. */
  compare(id: string, other: string, options?: CallOptions): Promise<ReportComparison> {
    const path = `/api/v1/reports/${encodeURIComponent(id)}/compare/${encodeURIComponent(other)}`;
    return this.#http.get(path, {}, options);
  }
}

/** What people write beside jobs of either type. */
export class JobComments {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Oldest first. */
  list(jobId: string, options?: CallOptions): Promise<JobComment[]> {
    return this.#http.get(`/api/comments/job/${encodeURIComponent(jobId)}`, {}, options);
  }

  add(
    jobId: string,
    comment: { author: string; content: string },
    options?: CallOptions,
  ): Promise<JobComment> {
    return this.#http.post("/api/comments/job", { job_id: jobId, ...comment }, options);
  }
}
