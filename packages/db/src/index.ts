export * from "./api/index.ts";
export * from "./conversations/index.ts";
export * from "./credentials/index.ts";
export { openDatabase, type Database, type DatabaseOptions } from "./database.ts";
export {
  claimMessages,
  confirmClaims,
  LeaseLost,
  readOpenClaims,
  uncountClaims,
  type ClaimedMessage,
  type ClaimRequest,
  type LaneClass,
  type LeaseKey,
  type OpenClaim,
  type UnknownPolicy,
} from "./dispatch/claims.ts";
export { pauseFailingJobs } from "./dispatch/auto-pause.ts";
export { pauseJobFor, suppressPhone } from "./dispatch/jobs.ts";
export { balanceLanes, openLateLanes, readNextWork, wakeSleepingLanes } from "./dispatch/lanes.ts";
export { applyOutcomes, holdUnknown, type MovedMessage, type Outcome } from "./dispatch/outcomes.ts";
export {
  expireCommands,
  finishCommand,
  takeCommands,
  type DeviceCommandKind,
  type DeviceCommandRow,
} from "./fleet/commands.ts";
export {
  recordContextOpened,
  recordContextStatus,
  recordContextUse,
  type BrowserContextStatus,
} from "./fleet/contexts.ts";
export {
  holdBack,
  putAside,
  recordConnection,
  recordPhone,
  recordUnlinked,
  recordUnwanted,
  type ConnectionChange,
  type DeviceSummary,
} from "./fleet/devices.ts";
export {
  heartbeat,
  loseSilentWorkers,
  readFleetShare,
  registerWorker,
  stopWorker,
  type FleetShare,
  type WorkerRow,
  type WorkerStatus,
} from "./fleet/workers.ts";
export {
  acquireDevices,
  releaseLease,
  renewLeases,
  type DeviceKind,
  type LeasedDevice,
} from "./leases/leases.ts";
export {
  listCampaignJobIds,
  readRejections,
  readResults,
  readSteps,
  readVariableNames,
  type ResultRow,
  type StepRow,
} from "./exports/export-rows.ts";
export {
  claimExport,
  dropOldExports,
  findExport,
  finishExport,
  insertExport,
  type ClaimedExport,
  type ExportEnd,
  type StoredExport,
} from "./exports/exports.ts";
export { readReportFacts, type ReportFacts } from "./exports/report-facts.ts";
export { admitJobs, writePlatformLimits, type PlatformLimits } from "./limits/limits.ts";
export { readTenantSettings, writeTenantSettings } from "./limits/tenant-settings.ts";
export { diffSchema, migrateDatabase } from "./migrations/migrate.ts";
export { findJobType, readJobNotify, writeJobNotify, type JobTypeName } from "./notifications/job-notify.ts";
export {
  claimNotifications,
  expireNotifications,
  insertTestNotification,
  listNotifications,
  recordNotification,
  type ClaimedNotification,
  type NotificationEnd,
} from "./notifications/outbox.ts";
export { notificationSecret } from "./notifications/signing.ts";
export {
  hasLiveWorker,
  listActiveCampaigns,
  readCampaignStanding,
  type CampaignStanding,
} from "./queue-manager/standings.ts";
export * from "./outgoing-webhooks/index.ts";
export { readJobProgress } from "./realtime/job-progress.ts";
export { readActiveJobs, readDeviceStates } from "./realtime/tenant-states.ts";
export {
  asReconciler,
  cancelQueued,
  dropStaleLinks,
  failHopelessJobs,
  keepHouse,
  markAnnounced,
  readCancellingJobs,
  readOrphanedClaims,
  readOverdueUnknown,
  readUnannouncedJobs,
  startScheduledJobs,
} from "./reconcile/reconcile.ts";
export * from "./scraping/index.ts";
export { runDueSchedule, runScheduleNow, type RanSchedule, type RunDecision } from "./schedules/runs.ts";
export {
  deleteSchedule,
  findSchedule,
  insertSchedule,
  listScheduleRuns,
  listSchedules,
  readLastRuns,
  updateSchedule,
  type ScheduleFields,
  type ScheduleRow,
} from "./schedules/schedules.ts";
export { seed, type Seeded } from "./seed.ts";
export { findByProviderRef, recordProviderRefs } from "./webhooks/provider-refs.ts";
export { readOwnClaims, type OwnClaim } from "./webhooks/own-claims.ts";
export {
  asideDevice,
  findWebhookDevice,
  findWebhookNumber,
  type WebhookDevice,
} from "./webhooks/webhook-devices.ts";
