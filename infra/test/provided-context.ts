import "vitest";

declare module "vitest" {
  /** What every test file may `inject`. One set of servers per run; the names are those of infra/test/global-setup.ts. */
  interface ProvidedContext {
    /** A superuser's URL to the database `postgres`: for creating and dropping the databases of tests. */
    databaseAdminUrl: string;
    /** The name of a migrated, empty database that nobody is connected to: `CREATE DATABASE x TEMPLATE …`. */
    templateDatabase: string;
    /** Shared by all files: use a key prefix of your own, and a server of your own to flush it. */
    redisUrl: string;
    chromiumPath: string;
  }
}
