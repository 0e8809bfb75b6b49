export {
  apiKeyPrefix,
  createApiKey,
  findKeyHolder,
  listApiKeys,
  revokeApiKey,
  type KeyHolder,
} from "./api-keys.ts";
export { listAudit, writeAudit, type Actor, type AuditFilters } from "./audit.ts";
export { findBrowserContext, listBrowserContexts, overwriteContextStatus } from "./browser-contexts.ts";
export { findCampaign, listCampaigns, listRejections, type CampaignFilters } from "./campaigns.ts";
export { copyMessages, copyRejections, type PlannedMessage } from "./copy.ts";
export {
  linkAccount,
  readWebhookToken,
  takeBack,
  unlinkAccount,
  type DeviceAccount,
} from "./device-accounts.ts";
export { abandonCommand, createCommand, findCommand, type CommandState } from "./device-commands.ts";
export { forgetLink, isHeld, readQr, requestLink } from "./device-links.ts";
export { deletePool, findPool, listPools, writePool } from "./device-pools.ts";
export {
  countJobsOnlyOn,
  createDevice,
  deleteDevice,
  DeviceNameTaken,
  findDevice,
  findDeviceIdByName,
  listDevices,
  ownDeviceIds,
  patchDevice,
  sendsOnlyThrough,
} from "./devices.ts";
export {
  beginIdempotent,
  finishIdempotent,
  KeyReused,
  type IdempotentRequest,
  type StoredAnswer,
} from "./idempotency.ts";
export { listFleetDevices, listStuck, listWorkers, readTotalDepth } from "./fleet.ts";
export { finishCampaign, insertCampaign, insertJob, type NewCampaign, type NewJob } from "./intake.ts";
export {
  cancelJob,
  patchJob,
  pauseJob,
  resumeJob,
  retryFailed,
  settleUnknown,
  type JobChange,
  type JobPatchFields,
} from "./job-changes.ts";
export { activeDeviceIds, findJob, listJobDevices, listJobs, type JobFilters } from "./jobs.ts";
export { findMessage, listMessages, type MessageFilters } from "./messages.ts";
export {
  listActiveJobs,
  listCommonFailures,
  listDeviceHealth,
  readMovesByMinute,
  type MinuteOfMoves,
} from "./overview.ts";
export { readBacklog, type DeviceBacklog, type TenantBacklog } from "./queue-stats.ts";
export { InvalidCursor, type Page } from "./rows.ts";
export { openSuppressionCheck, type SuppressionCheck } from "./suppression-check.ts";
export {
  addSuppression,
  addSuppressions,
  listSuppressions,
  readSuppressions,
  removeSuppression,
} from "./suppressions.ts";
export {
  createTemplate,
  deleteTemplate,
  findTemplate,
  findTemplateByName,
  listTemplates,
  patchTemplate,
} from "./templates.ts";
export { findTenantId, findTenantName } from "./tenants.ts";
export {
  isLockTimeout,
  isOutage,
  isUniqueViolation,
  transaction,
  type Queryable,
  type Transaction,
} from "./transaction.ts";
export { uuidv7 } from "./uuid.ts";
