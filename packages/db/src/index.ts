export { openDatabase, type Database, type DatabaseOptions } from "./database.ts";
export { diffSchema, migrateDatabase } from "./migrations/migrate.ts";
export { readJobProgress } from "./realtime/job-progress.ts";
