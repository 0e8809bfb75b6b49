export { cloneDatabase } from "./testing/clone-database.ts";
export { copyMessagesBare, readMessagesAsCopy } from "./testing/copy-text.ts";
export { countersAndRecount, makeDevice, makeJob, makeTenant, type JobFixture } from "./testing/fixtures.ts";
export { statsAndRecount } from "./testing/recount-stats.ts";
