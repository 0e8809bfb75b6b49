import type { ChatNews } from "@pregonero/chat";
import { readMovesByMinute, type Database } from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import type { TurnQueues } from "@pregonero/queue";
import type { BlobStore } from "@pregonero/storage";
import { apiKeyRoutes } from "./api-keys/api-key-routes.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { browserContextRoutes } from "./browser-contexts/browser-context-routes.ts";
import { bulkJobRoutes } from "./bulk-jobs/bulk-job-routes.ts";
import { CampaignDesk } from "./campaigns/campaign-desk.ts";
import { botRoutes } from "./bot/bot-routes.ts";
import { botRuleRoutes } from "./bot/bot-rule-routes.ts";
import { campaignRoutes } from "./campaigns/campaign-routes.ts";
import { chatMessageRoutes } from "./conversations/chat-message-routes.ts";
import { contactRoutes } from "./conversations/contact-routes.ts";
import { conversationRoutes } from "./conversations/conversation-routes.ts";
import { ReplyDesk } from "./conversations/reply-desk.ts";
import { CredentialDesk } from "./credentials/credential-desk.ts";
import { credentialRoutes } from "./credentials/credential-routes.ts";
import { CommandDesk } from "./devices/command-desk.ts";
import { deviceLinkRoutes } from "./devices/device-link-routes.ts";
import { deviceRoutes } from "./devices/device-routes.ts";
import { poolRoutes } from "./devices/pool-routes.ts";
import type { ApiEnv } from "./env.ts";
import type { Announcer } from "./events/announcer.ts";
import { fleetRoutes } from "./fleet/fleet-routes.ts";
import type { ApiMetrics } from "./http/metrics.ts";
import type { Route } from "./http/route.ts";
import { JobDesk } from "./jobs/job-desk.ts";
import { jobRoutes } from "./jobs/job-routes.ts";
import { messageRoutes } from "./jobs/message-routes.ts";
import { meRoutes } from "./me/me-routes.ts";
import { overviewRoutes } from "./overview/overview-routes.ts";
import { ThroughputBook } from "./overview/throughput-book.ts";
import { mediaRoutes } from "./media/media-routes.ts";
import { queueManagerRoutes } from "./queue-manager/queue-manager-routes.ts";
import { queueRoutes } from "./queues/queue-routes.ts";
import { exportRoutes } from "./exports/export-routes.ts";
import { reportPdfRoutes } from "./exports/report-routes.ts";
import { jobNotifyRoutes } from "./notifications/job-notify-routes.ts";
import { notificationRoutes } from "./notifications/notification-routes.ts";
import { ScheduleDesk } from "./schedules/schedule-desk.ts";
import { scheduleRoutes } from "./schedules/schedule-routes.ts";
import { realtimeRoutes, type RealtimeRoutesDeps } from "./realtime/index.ts";
import { SendDesk } from "./sends/send-desk.ts";
import { sendRoutes } from "./sends/send-routes.ts";
import { settingsRoutes } from "./settings/settings-routes.ts";
import { statsRoutes } from "./stats/stats-routes.ts";
import { batchJobRoutes } from "./scraping/batch-job-routes.ts";
import { reportRoutes } from "./scraping/report-routes.ts";
import type { ScrapingAnnouncer } from "./scraping/scraping-announcer.ts";
import { ScrapingDesk } from "./scraping/scraping-desk.ts";
import { scrapingJobRoutes } from "./scraping/scraping-job-routes.ts";
import { suppressionRoutes } from "./suppressions/suppression-routes.ts";
import { suppressionTransferRoutes } from "./suppressions/suppression-transfer-routes.ts";
import { testSendRoute } from "./templates/test-send-route.ts";
import { templateRoutes } from "./templates/template-routes.ts";
import { webhookDeliveryRoutes } from "./webhook-endpoints/delivery-routes.ts";
import { webhookActionRoutes } from "./webhook-endpoints/endpoint-action-routes.ts";
import { webhookEndpointRoutes } from "./webhook-endpoints/endpoint-routes.ts";

export interface RoutesDeps {
  readonly env: ApiEnv;
  readonly db: Database;
  readonly queues: Pick<TurnQueues, "counts" | "clean">;
  readonly announcer: Announcer;
  readonly scrapingAnnouncer: ScrapingAnnouncer;
  readonly metrics: ApiMetrics;
  readonly uploadDir: string;
  readonly news: ChatNews;
  readonly blobs: BlobStore;
  readonly redisReady: () => boolean;
  readonly realtime: Omit<RealtimeRoutesDeps, "instanceId">;
}

/** Every route of the API. */
export function createRoutes({
  env,
  db,
  queues,
  announcer,
  scrapingAnnouncer,
  metrics,
  uploadDir,
  news,
  blobs,
  redisReady,
  realtime,
}: RoutesDeps): Route[] {
  const limits = {
    maxMessages: env.MAX_MESSAGES_PER_CAMPAIGN,
    maxFileBytes: env.MAX_CSV_SIZE_MB * 1_048_576,
  };
  const rules = { limits, country: env.DEFAULT_COUNTRY };
  const jobs = new JobDesk({ db, announcer });
  const sends = new SendDesk({ db, announcer, metrics, rules });
  const campaigns = new CampaignDesk({ db, announcer, metrics, rules });
  const outbound = createOutboundGuard({ allow: env.OUTBOUND_ALLOW, ports: env.OUTBOUND_PORTS });
  const credentials = new CredentialDesk({
    db,
    keyring: env.keyring,
    provider: { cloudUrl: env.CLOUD_API_URL, cloudVersion: env.CLOUD_API_VERSION, outbound },
  });
  const scraping = new ScrapingDesk({ db, announcer: scrapingAnnouncer });
  const commands = new CommandDesk({ db, announcer });
  const throughput = new ThroughputBook({ read: (fromMs, toMs) => readMovesByMinute(db, fromMs, toMs) });
  return [
    ...meRoutes({ db, auth: env.AUTH, country: env.DEFAULT_COUNTRY, limits }),
    ...overviewRoutes({ db, throughput }),
    ...fleetRoutes({ db }),
    ...deviceRoutes({ db, announcer, outbound }),
    ...deviceLinkRoutes({
      db,
      announcer,
      commands,
      pairingTimeoutMs: env.PAIRING_TIMEOUT_MS,
      country: env.DEFAULT_COUNTRY,
    }),
    ...credentialRoutes({ db, announcer, desk: credentials }),
    ...poolRoutes({ db }),
    ...browserContextRoutes({ db, announcer, commands, waitMs: env.COMMAND_WAIT_MS }),
    ...templateRoutes({ db }),
    testSendRoute({ db, sends, country: env.DEFAULT_COUNTRY }),
    ...campaignRoutes({ db, campaigns, country: env.DEFAULT_COUNTRY, limits, uploadDir }),
    ...jobRoutes({ db, jobs }),
    ...scrapingJobRoutes({ db, scraping }),
    ...reportRoutes({ db, blobs }),
    ...batchJobRoutes({ db, jobs, scraping }),
    ...scheduleRoutes({ db, schedules: new ScheduleDesk(db) }),
    ...settingsRoutes({ db }),
    ...exportRoutes({ db }),
    ...reportPdfRoutes({ db, blobs }),
    ...jobNotifyRoutes({ db }),
    ...notificationRoutes({ db, keyring: env.keyring }),
    ...messageRoutes({ db, country: env.DEFAULT_COUNTRY }),
    ...sendRoutes({ sends, country: env.DEFAULT_COUNTRY }),
    ...suppressionTransferRoutes({ db, country: env.DEFAULT_COUNTRY, limits, uploadDir }),
    ...suppressionRoutes({ db, country: env.DEFAULT_COUNTRY }),
    ...conversationRoutes({ db, announcer, news, country: env.DEFAULT_COUNTRY }),
    ...chatMessageRoutes({ db, replies: new ReplyDesk({ db, announcer, news }) }),
    ...contactRoutes({ db, news }),
    ...mediaRoutes({ db, blobs, uploadDir, maxBytes: env.MAX_MEDIA_SIZE_MB * 1_048_576 }),
    ...statsRoutes({ db }),
    ...botRoutes({ db, news }),
    ...botRuleRoutes({ db }),
    ...queueRoutes({ db, queues }),
    ...apiKeyRoutes({ db }),
    ...auditRoutes({ db }),
    ...realtimeRoutes({ ...realtime, instanceId: env.INSTANCE_ID }),
    ...webhookEndpointRoutes({ db, guard: outbound, keyring: () => credentials.keyring }),
    ...webhookActionRoutes({ db, keyring: () => credentials.keyring }),
    ...webhookDeliveryRoutes({ db }),
    ...bulkJobRoutes({ db, jobs, sends, country: env.DEFAULT_COUNTRY }),
    ...queueManagerRoutes({
      db,
      campaigns,
      jobs,
      limits,
      uploadDir,
      redisReady,
      settings: {
        instanceId: env.INSTANCE_ID,
        batchSize: env.BATCH_SIZE,
        maxConcurrentBatches: env.MAX_CONCURRENT_BATCHES,
        intervalMs: env.INTERVALO_ENVIO_MS,
      },
    }),
  ];
}
