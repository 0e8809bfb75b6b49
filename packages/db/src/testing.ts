export { cloneDatabase } from "./testing/clone-database.ts";
export { countersAndRecount, makeDevice, makeJob, makeTenant, type JobFixture } from "./testing/fixtures.ts";
