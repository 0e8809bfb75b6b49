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
