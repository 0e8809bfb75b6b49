export { findColumns, type AudienceColumns, type ColumnsResult } from "./columns.ts";
export {
  AudiencePlanner,
  optedOut,
  type AudienceOptions,
  type PlannedRow,
  type Rejection,
  type RejectionReason,
} from "./planner.ts";
export { slugOf } from "./slug.ts";
