export {
  claimScrapingStep,
  confirmScrapingClaims,
  finishScrapingStep,
  loseScrapingClaim,
  readLostScrapingClaims,
  renewScrapingClaims,
  type ClaimedStep,
  type MovedStep,
  type StepOutcome,
  type StoredScreenshots,
} from "./claims.ts";
export {
  cancelScrapingJob,
  cancelScrapingSteps,
  findScrapingJob,
  insertScrapingJob,
  listScrapingJobs,
  pauseScrapingJob,
  resumeScrapingJob,
  retryFailedSteps,
  type NewScrapingJob,
  type PlannedStep,
  type ScrapingJobChange,
} from "./jobs.ts";
export {
  countClaimableSteps,
  markScrapingAnnounced,
  readCancellingScrapingJobs,
  readScrapingFigures,
  readUnannouncedScrapingJobs,
  startScheduledScrapingJobs,
} from "./news.ts";
export { insertJobComment, listJobComments } from "./comments.ts";
export { readJobReport } from "./job-report.ts";
export {
  findBatchJob,
  listBatchJobs,
  listScrapingSteps,
  pageMessageSteps,
  pageScrapingSteps,
  readBatchJobStats,
} from "./lists.ts";
export { findReport, listReports, type StoredReport } from "./reports.ts";
