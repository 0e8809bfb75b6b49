import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createApiKey, openDatabase } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeTenant } from "@pregonero/db/testing";
import { freePort, startProcess, type AppProcess } from "@pregonero/local-stack";
import { build } from "esbuild";
import { inject } from "vitest";
import "../../../infra/test/provided-context.ts";

const root = join(import.meta.dirname, "../../..");

/** The example, bundled with the library as ng-packagr built it. */
async function bundleExample(): Promise<string> {
  // Builds only what has changed.
  await promisify(execFile)(process.execPath, ["infra/local/run.mjs", "angular"], { cwd: root });
  const { outputFiles } = await build({
    stdin: {
      // Compiles the components here, in the page: an app's own build does it beforehand.
      contents: 'import "@angular/compiler"; import "./example/main.ts";',
      resolveDir: join(root, "packages/angular"),
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    alias: { "@pregonero/angular": join(root, "packages/angular/dist/fesm2022/pregonero-angular.mjs") },
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true } },
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

/** The example as a page on an origin of its own, and an API in a process of its own, which lets it in. */
export async function openWorld() {
  const script = await bundleExample();
  const pages = createServer((req, res) => {
    if (req.url === "/main.js") res.writeHead(200, { "content-type": "text/javascript" }).end(script);
    else
      res
        .writeHead(200, { "content-type": "text/html" })
        .end('<!doctype html><crm-root></crm-root><script type="module" src="/main.js"></script>');
  });
  await once(pages.listen(0, "127.0.0.1"), "listening");
  const address = pages.address();
  const pageUrl = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;

  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "angular-test" });
  const dir = await mkdtemp(join(tmpdir(), "angular-test-"));
  const tenantId = await makeTenant(db);
  const deviceId = await makeDevice(db, tenantId);
  const { key } = await createApiKey(db.pool, { tenantId, name: "test", role: "admin" });
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    DATABASE_URL: clone.url,
    REDIS_URL: inject("redisUrl"),
    REDIS_PREFIX: `angular-test-${randomUUID()}`,
    LOG_FILE: join(dir, "api.log"),
    BLOB_DIR: join(dir, "blobs"),
    CORS_ORIGINS: pageUrl,
  };
  let api: AppProcess | undefined;
  const start = async (): Promise<void> => {
    api = await startProcess({ name: "api", entry: "apps/api", env, ready: { url: `${baseUrl}/healthz` } });
  };
  await start();

  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(baseUrl + path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const { hash } = Object.assign(new URL(pageUrl), { hash: JSON.stringify({ baseUrl, token: key }) });
  return {
    url: `${pageUrl}/${hash}`,
    deviceId,
    startApi: start,
    stopApi: async () => void (await api?.close()),
    /** Something that the page is told of. */
    setBot: (enabled: boolean) => call("PUT", `/api/v1/bot/devices/${deviceId}`, { enabled }),
    beginConversation: (phone: string) =>
      call("POST", "/api/v1/conversations", { device_id: deviceId, phone }),
    async [Symbol.asyncDispose]() {
      await api?.close();
      pages.closeAllConnections();
      pages.close();
      await db.close();
      await clone.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
