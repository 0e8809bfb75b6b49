import type {
  Notification,
  NotificationSecret,
  NotificationTest,
  Notify,
  NotifyInput,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { Page, PageQuery } from "../http/page.ts";

export interface NotificationsQuery extends PageQuery {
  readonly job_id?: string;
  readonly status?: Notification["status"];
}

const path = "/api/v1/notifications";
const notifyPath = (jobId: string) => `/api/v1/jobs/${encodeURIComponent(jobId)}/notify`;

/** Who is told what of jobs, and whether it came through. */
export class Notifications {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: NotificationsQuery = {}, options?: CallOptions): Promise<Page<Notification>> {
    return this.#http.get(path, { ...query }, options);
  }

  /** Of one job, of either kind. */
  ofJob(jobId: string, options?: CallOptions): Promise<Notify> {
    return this.#http.get(notifyPath(jobId), {}, options);
  }

  setOfJob(jobId: string, notify: NotifyInput, options?: CallOptions): Promise<Notify> {
    return this.#http.put(notifyPath(jobId), notify, options);
  }

  /** For admins. Resolves before it is sent. */
  test(to: NotificationTest, options?: CreateOptions): Promise<Notification> {
    return this.#http.post(`${path}/test`, to, options);
  }

  /** For admins: what notifications by webhook are signed with. */
  signingSecret(options?: CallOptions): Promise<NotificationSecret> {
    return this.#http.get(`${path}/signing-secret`, {}, options);
  }
}
