import type {
  Schedule,
  ScheduleCreate,
  SchedulePatch,
  SchedulePreview,
  SchedulePreviewRequest,
  ScheduleRun,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { Page, PageQuery } from "../http/page.ts";

const path = (id: string, action = "") => `/api/v1/schedules/${encodeURIComponent(id)}${action}`;

/** Runs of campaigns and batch jobs that are planned ahead. */
export class Schedules {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<Schedule>> {
    return this.#http.get("/api/v1/schedules", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<Schedule> {
    return this.#http.get(path(id), {}, options);
  }

  create(schedule: ScheduleCreate, options?: CreateOptions): Promise<Schedule> {
    return this.#http.post("/api/v1/schedules", schedule, options);
  }

  patch(id: string, patch: SchedulePatch, options?: CallOptions): Promise<Schedule> {
    return this.#http.patch(path(id), patch, options);
  }

  remove(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(path(id), options);
  }

  /** When an expression would run next, before it is saved. Rejects with 422 when it is not valid. */
  preview(request: SchedulePreviewRequest, options?: CallOptions): Promise<SchedulePreview> {
    return this.#http.post("/api/v1/schedules/preview", request, options);
  }

  /** Now, whatever is planned. */
  run(id: string, options?: CreateOptions): Promise<ScheduleRun> {
    return this.#http.post(path(id, "/run"), undefined, options);
  }

  runs(id: string, query: PageQuery = {}, options?: CallOptions): Promise<Page<ScheduleRun>> {
    return this.#http.get(path(id, "/runs"), { ...query }, options);
  }
}
