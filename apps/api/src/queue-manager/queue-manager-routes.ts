import {
  campaignFormSchema,
  queueCampaignCreatedSchema,
  queueChangeSchema,
  queueListSchema,
  queueStatusSchema,
  queueSystemSchema,
  type CampaignCreated,
} from "@pregonero/contracts";
import {
  findCampaign,
  hasLiveWorker,
  listActiveCampaigns,
  readCampaignStanding,
  type Actor,
  type CampaignStanding,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { z } from "zod";
import type { CampaignDesk } from "../campaigns/campaign-desk.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { IntakeLimits } from "../intake/limits.ts";
import type { JobDesk } from "../jobs/job-desk.ts";
import { resolveMailbox } from "./mailbox.ts";
import { queueCampaignBody, type QueueCampaign } from "./queue-campaign-body.ts";
import { toQueueChange, toQueueItem, toQueueStatus } from "./queue-status.ts";

/** `BATCH_SIZE`, `MAX_CONCURRENT_BATCHES`, `INTERVALO_ENVIO_MS`, `INSTANCE_ID`. */
interface QueueSettings {
  readonly instanceId: string;
  readonly batchSize: number;
  readonly maxConcurrentBatches: number;
  readonly intervalMs: number;
}

export interface QueueManagerDeps {
  readonly db: Database;
  readonly campaigns: CampaignDesk;
  readonly jobs: JobDesk;
  readonly limits: IntakeLimits;
  readonly uploadDir: string;
  readonly settings: QueueSettings;
  readonly redisReady: () => boolean;
}

const tag = "Queue manager";
const params = z.object({ campaign_id: z.string().min(1).max(120).describe("Slug or id of a campaign.") });
const failureFields = (message: string) => ({ success: false, message });
const campaignsShown = 1_000;
/** A worker that was silent for longer has lost its devices. */
const silentMs = 30_000;

export function queueManagerRoutes(deps: QueueManagerDeps): Route[] {
  return [
    createRoute(deps),
    statusRoute(deps),
    listRoute(deps),
    systemRoute(deps),
    changeRoute(deps, "pausar", "Pause a campaign"),
    changeRoute(deps, "reanudar", "Resume a campaign"),
    changeRoute(deps, "cancelar", "Cancel a campaign"),
  ];
}

function createRoute(deps: QueueManagerDeps): Route {
  const { campaigns, limits, uploadDir } = deps;
  return defineRoute({
    method: "post",
    path: "/api/crear-campana",
    tag,
    summary: "Create a campaign from a CSV file, a template and a mailbox",
    role: "operator",
    body: queueCampaignBody({ dir: uploadDir, limits }),
    idempotent: true,
    responses: { 200: queueCampaignCreatedSchema },
    problems: ["broken_csv", "no_valid_recipients", "unknown_device", "unknown_template"],
    failureFields,
    handler: async ({ principal, body, idempotency }) =>
      await campaigns.create(
        principal,
        async (tx) => await campaignOf(tx, principal, body, deps),
        idempotency,
        (made) => reply(200, createdAnswer(made)),
      ),
  });
}

async function campaignOf(
  tx: Transaction,
  who: Actor,
  { form, file }: QueueCampaign,
  deps: QueueManagerDeps,
) {
  const { batchSize, maxConcurrentBatches, intervalMs } = deps.settings;
  const campaign = campaignFormSchema.parse({
    name: form.titulo_campana,
    template: form.plantilla,
    language: form.idioma,
    ...(await resolveMailbox(tx, who.tenantId, form.buzon)),
    interval_ms: intervalMs,
    batch_size: batchSize,
    max_concurrent: batchSize * maxConcurrentBatches,
  });
  return { kind: "file" as const, campaign, file };
}

function createdAnswer({ campaign, accepted, rejected }: CampaignCreated) {
  const turnedDown = rejected === 0 ? "" : `; ${rejected} filas rechazadas`;
  return {
    success: true as const,
    campaign_id: campaign.slug,
    total_messages: accepted,
    message: `Campaña "${campaign.name}" creada con ${accepted} mensajes${turnedDown}.`,
  };
}

function statusRoute({ db }: QueueManagerDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/estado-cola/{campaign_id}",
    tag,
    summary: "See how a campaign stands",
    role: "viewer",
    params,
    responses: { 200: queueStatusSchema },
    failureFields,
    handler: async ({ principal, params: { campaign_id } }) => {
      const standing = await standingOf(db, principal.tenantId, campaign_id);
      return reply(200, toQueueStatus(standing));
    },
  });
}

function listRoute({ db }: QueueManagerDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/listar-campanas",
    tag,
    summary: "List the campaigns that have not ended, newest first",
    role: "viewer",
    responses: { 200: queueListSchema },
    failureFields,
    handler: async ({ principal }) => {
      const standings = await listActiveCampaigns(db.pool, principal.tenantId, campaignsShown);
      return reply(200, { campaigns: standings.map(toQueueItem), total_campaigns: standings.length });
    },
  });
}

function systemRoute({ db, settings, redisReady }: QueueManagerDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/estado-sistema",
    tag,
    summary: "See whether the system is at work",
    role: "viewer",
    responses: { 200: queueSystemSchema },
    failureFields,
    handler: async () =>
      reply(200, {
        instance_id: settings.instanceId,
        uptime_seconds: Math.floor(process.uptime()),
        worker_running: await hasLiveWorker(db.pool, silentMs),
        redis_connected: redisReady(),
        batch_size: settings.batchSize,
        max_concurrent: settings.batchSize * settings.maxConcurrentBatches,
      }),
  });
}

const verbs = { pausar: "pause", reanudar: "resume", cancelar: "cancel" } as const;

function changeRoute({ db, jobs }: QueueManagerDeps, word: keyof typeof verbs, summary: string): Route {
  return defineRoute({
    method: "post",
    path: `/api/campanas/{campaign_id}/${word}`,
    tag,
    summary,
    role: "operator",
    params,
    responses: { 200: queueChangeSchema },
    problems: ["conflict"],
    failureFields,
    handler: async ({ principal, params: { campaign_id } }) => {
      const before = await standingOf(db, principal.tenantId, campaign_id);
      await jobs[verbs[word]](principal, before.id);
      return reply(200, toQueueChange(await standingOf(db, principal.tenantId, campaign_id)));
    },
  });
}

/** @throws ApiProblem 404 */
async function standingOf(db: Database, tenantId: number, ref: string): Promise<CampaignStanding> {
  const campaign = await findCampaign(db.pool, tenantId, ref);
  const standing = campaign && (await readCampaignStanding(db.pool, campaign.id));
  if (!standing) throw notFound(`campaign ${ref}`);
  return standing;
}
