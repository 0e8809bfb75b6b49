import type { Fleet, JobFrame, Me, Overview } from "@pregonero/contracts";
import { followJob, type FollowOptions } from "./follow/follow-job.ts";
import { Http, type CallOptions, type Fetch, type TokenSource } from "./http/http.ts";
import { LiveChannels } from "./realtime/channels/live-channels.ts";
import { JobConnection } from "./realtime/job-connection.ts";
import type { WebSocketConstructor } from "./realtime/web-socket.ts";
import {
  ApiKeys,
  Audit,
  BrowserContexts,
  QueueStatistics,
  Settings,
  Suppressions,
} from "./resources/administration.ts";
import { Bot } from "./resources/bot.ts";
import { BulkJobs } from "./resources/bulk-jobs.ts";
import { Channels } from "./resources/channels.ts";
import { Campaigns } from "./resources/campaigns.ts";
import { Contacts, Conversations, Media } from "./resources/conversations.ts";
import { DevicePools, Devices } from "./resources/devices.ts";
import { Jobs } from "./resources/jobs.ts";
import { Messages } from "./resources/messages.ts";
import { Exports } from "./resources/exports.ts";
import { Notifications } from "./resources/notifications.ts";
import { Schedules } from "./resources/schedules.ts";
import { Statistics } from "./resources/stats.ts";
import { JobComments, Reports, ScrapingJobs } from "./resources/scraping.ts";
import { Templates } from "./resources/templates.ts";
import { Webhooks } from "./resources/webhooks.ts";

export interface PregoneroClientOptions {
  /** Where the API is, `https://pregonero.example` or with a path in front of which a proxy put it. */
  readonly baseUrl: string;
  readonly token?: TokenSource;
  /** Default: the global one. */
  readonly fetch?: Fetch;
  /** Default: the global one. Node 20 has none: give it the `ws` package's, or jobs are followed by polling. */
  readonly WebSocket?: WebSocketConstructor;
  /** How often channels are read while no WebSocket can be had, ms. Default 2,000. */
  readonly pollMs?: number;
}

/** The REST API and the live connection, for browsers and Node. Nothing is opened before it is needed. */
export class PregoneroClient {
  readonly devices: Devices;
  readonly devicePools: DevicePools;
  readonly templates: Templates;
  readonly campaigns: Campaigns;
  readonly jobs: Jobs;
  readonly messages: Messages;
  readonly notifications: Notifications;
  readonly scrapingJobs: ScrapingJobs;
  readonly reports: Reports;
  readonly jobComments: JobComments;
  readonly exports: Exports;
  readonly schedules: Schedules;
  readonly settings: Settings;
  readonly bulk: BulkJobs;
  readonly conversations: Conversations;
  readonly contacts: Contacts;
  readonly media: Media;
  readonly stats: Statistics;
  readonly bot: Bot;
  readonly suppressions: Suppressions;
  readonly browserContexts: BrowserContexts;
  readonly queues: QueueStatistics;
  readonly apiKeys: ApiKeys;
  readonly webhooks: Webhooks;
  readonly audit: Audit;
  readonly #http: Http;
  readonly channels: Channels;
  readonly #jobs: JobConnection;
  readonly #live: LiveChannels;
  #followers = 0;
  #shared = false;

  constructor(options: PregoneroClientOptions) {
    const baseUrl = options.baseUrl.replace(/\/+$/, "");
    const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    const http = new Http({ baseUrl, token: options.token, fetch });
    this.#http = http;
    this.devices = new Devices(http);
    this.devicePools = new DevicePools(http);
    this.templates = new Templates(http);
    this.campaigns = new Campaigns(http);
    this.jobs = new Jobs(http);
    this.messages = new Messages(http);
    this.exports = new Exports(http);
    this.notifications = new Notifications(http);
    this.scrapingJobs = new ScrapingJobs(http);
    this.reports = new Reports(http);
    this.jobComments = new JobComments(http);
    this.schedules = new Schedules(http);
    this.settings = new Settings(http);
    this.bulk = new BulkJobs(http);
    this.conversations = new Conversations(http);
    this.contacts = new Contacts(http);
    this.media = new Media(http);
    this.stats = new Statistics(http);
    this.bot = new Bot(http);
    this.suppressions = new Suppressions(http);
    this.browserContexts = new BrowserContexts(http);
    this.queues = new QueueStatistics(http);
    this.apiKeys = new ApiKeys(http);
    this.webhooks = new Webhooks(http);
    this.audit = new Audit(http);
    this.channels = new Channels(http);
    const socket = {
      url: `${baseUrl.replace(/^http/, "ws")}/ws`,
      token: options.token,
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
    };
    this.#jobs = new JobConnection(socket);
    const readChannel = (channel: string, after: string | undefined, signal: AbortSignal) =>
      this.channels.read(channel, after, { signal });
    this.#live = new LiveChannels({
      ...socket,
      readChannel,
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    });
  }

  /** Who the caller is. */
  me(options?: CallOptions): Promise<Me> {
    return this.#http.get("/api/v1/me", {}, options);
  }

  /** What is going on. */
  overview(options?: CallOptions): Promise<Overview> {
    return this.#http.get("/api/v1/overview", {}, options);
  }

  /** Workers, devices, what waits and what is stuck. */
  fleet(options?: CallOptions): Promise<Fleet> {
    return this.#http.get("/api/v1/fleet", {}, options);
  }

  /** Channels that tell how things are and what happens, connected now and until `close`. The same object each time. */
  live(): LiveChannels {
    this.#live.connect();
    return this.#live;
  }

  /** Jobs frame by frame, connected now and until `close`. The same object each time. */
  realtime(): JobConnection {
    this.#shared = true;
    this.#jobs.connect();
    return this.#jobs;
  }

  /**
   * Everything that happens to a job, from its present state until its end (`job_completed`, `job_failed` or
   * `job_cancelled`), where the iteration ends by itself. Live where a WebSocket can be had, else by polling.
   * @throws PregoneroError (while iterating) when there is no such job, or it may not be seen
   */
  async *followJob(jobId: string, options: FollowOptions = {}): AsyncGenerator<JobFrame, void> {
    this.#followers += 1;
    this.#jobs.connect();
    try {
      const getJob = (signal: AbortSignal) => this.bulk.get(jobId, { signal });
      yield* followJob(jobId, { connection: this.#jobs, getJob }, options);
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0 && !this.#shared) this.#jobs.close();
    }
  }

  /** Ends the live connections. Calls go on to work. */
  close(): void {
    this.#shared = false;
    this.#live.close();
    this.#jobs.close();
  }
}
