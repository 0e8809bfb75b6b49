export { readBuiltDashboard } from "./built-files.ts";
export { createDashboard } from "./dashboard-router.ts";
