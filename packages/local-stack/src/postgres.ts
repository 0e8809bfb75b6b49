import { join, resolve } from "node:path";
import { sleep } from "@pregonero/runtime";
import { startChild, type Child } from "./child-process.ts";
import { onFreePort } from "./free-port.ts";
import { endOrphan } from "./orphan.ts";
import { postgresAccount, underAccount } from "./postgres-account.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { databaseName, databaseUser, postgresEnv, prepareCluster, type Cluster } from "./postgres-cluster.ts";

export interface PostgresOptions {
  /** Created when missing, used as it is otherwise. One server at a time. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** `false`: a crash of the machine may lose everything, for tests. Default `true`. */
  readonly durable?: boolean;
  readonly log?: ((line: string) => void) | undefined;
}

export interface PostgresServer {
  /** `postgresql://…/pregonero`, of a superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
// After a crash the server's own children hold its shared memory until they notice.
const crashPattern = /pre-existing shared memory block/;
const crashTries = 20;
const crashPauseMs = 250;

function settings(port: number, durable: boolean): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "256MB",
    max_wal_size: "2GB",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function startServer(cluster: Cluster, port: number, onLine: PostgresOptions["log"]): Promise<Child> {
  const { dataDir, binaries, account, durable } = cluster;
  const command = [binaries.postgres, "-D", dataDir, ...settings(port, durable)] as const;
  for (let attempt = 1; ; attempt += 1) {
    const options = { name: "postgres", cwd: dataDir, env: postgresEnv, onLine };
    const child = await startChild({ ...options, ...underAccount(account, command) });
    try {
      await child.line(/database system is ready to accept connections/, startTimeoutMs);
      return child;
    } catch (error) {
      await child.end("SIGINT", stopTimeoutMs);
      if (attempt === crashTries || !crashPattern.test(child.output())) throw error;
      await sleep(crashPauseMs);
    }
  }
}

const portTaken = (error: unknown): boolean =>
  error instanceof Error && /could not bind .* address|Address already in use/.test(error.message);

/**
 * Postgres on 127.0.0.1 with a database `pregonero`. Takes a data folder over from a run that crashed.
 * @throws SetupError with the server's own words when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const binaries = await postgresBinaries();
  const account = await postgresAccount(dataDir, [binaries.postgres]);
  const cluster: Cluster = { dataDir, binaries, account, durable: options.durable ?? true };
  const pidFile = join(dataDir, "postmaster.pid");
  await endOrphan({ name: "Postgres", pidFile, dataDir, signal: "SIGINT", timeoutMs: stopTimeoutMs });
  const password = await prepareCluster(cluster);
  const start = async (port: number): Promise<PostgresServer> => {
    const child = await startServer(cluster, port, options.log);
    return {
      url: `postgresql://${databaseUser}:${password}@127.0.0.1:${port}/${databaseName}`,
      port,
      pid: child.pid,
      close: async () => {
        // "Fast": open transactions are rolled back; waiting for clients could take for ever.
        await child.end("SIGINT", stopTimeoutMs);
      },
    };
  };
  return onFreePort(options.port, start, portTaken);
}
