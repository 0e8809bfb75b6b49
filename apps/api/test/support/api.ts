import type { Role } from "@pregonero/contracts";
import { createApiKey, openDatabase, type Database } from "@pregonero/db";
import { cloneDatabase, makeTenant } from "@pregonero/db/testing";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { startApi, type Api } from "../../src/compose.ts";
import { readEnv } from "../../src/env.ts";
import type { AnyReply, Route } from "../../src/http/route.ts";

/** A call as its sender sees it. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The real app on a port of its own, over a database of its own. */
export interface TestApi extends AsyncDisposable {
  readonly api: Api;
  readonly db: Database;
  readonly url: string;
  readonly redisPrefix: string;
  readonly uploadDir: string;
  readonly tenantId: number;
  /** Keys of that tenant. */
  readonly keys: Readonly<Record<Role, string>>;
  /** A key of any tenant. */
  readonly keyFor: (tenantId: number, role: Role) => Promise<string>;
  /** Calls as the operator unless told otherwise. */
  readonly call: <Body = Record<string, unknown>>(
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<Answer<Body>>;
  readonly count: (table: string, where?: string) => Promise<number>;
}

/** Every answer is held against the schema that the OpenAPI document shows for it. */
function holdAgainstSchema(route: Route, { status, body }: AnyReply): void {
  const schema = route.responses[status];
  if (schema === undefined)
    throw new Error(`${route.method} ${route.path} answers ${status}, which it does not declare`);
  if (schema !== null) schema.parse(body);
}

/** @param reach how the app itself reaches its database, if not directly */
export async function startTestApi(
  env: Record<string, string> = {},
  reach: (databaseUrl: string) => string = (url) => url,
): Promise<TestApi> {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const uploadDir = await mkdtemp(join(tmpdir(), "pregonero-test-uploads-"));
  const redisPrefix = `test-${randomUUID()}`;
  const settings = readEnv({
    PORT: "0",
    DATABASE_URL: reach(clone.url),
    REDIS_URL: inject("redisUrl"),
    REDIS_PREFIX: redisPrefix,
    UPLOAD_DIR: uploadDir,
    BLOB_DIR: join(uploadDir, "blobs"),
    // Stand-ins of providers are on this machine.
    OUTBOUND_ALLOW: "localhost,127.0.0.1",
    LOG_LEVEL: "error",
    LOG_FILE: "off",
    ...env,
  });
  const api = await startApi(settings, { inspectReply: holdAgainstSchema });
  const db = openDatabase({ url: clone.url, name: "api-test", maxConnections: 4 });
  const tenantId = await makeTenant(db);
  const keyFor = async (tenant: number, role: Role): Promise<string> =>
    (await createApiKey(db.pool, { tenantId: tenant, name: `test ${role}`, role })).key;
  const keys = {
    viewer: await keyFor(tenantId, "viewer"),
    operator: await keyFor(tenantId, "operator"),
    admin: await keyFor(tenantId, "admin"),
  };

  return {
    api,
    db,
    url: api.url,
    redisPrefix,
    uploadDir,
    tenantId,
    keys,
    keyFor,
    call: (method, path, options = {}) => call(api.url, method, path, { key: keys.operator, ...options }),
    async count(table, where = "true") {
      const { rows } = await db.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM ${table} WHERE ${where}`,
      );
      return rows[0]?.n ?? -1;
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await db.close();
      await clone.drop();
      await rm(uploadDir, { recursive: true, force: true });
    },
  };
}

async function call<Body>(
  base: string,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Answer<Body>> {
  const headers = new Headers(options.headers);
  if (options.key) headers.set("authorization", `Bearer ${options.key}`);
  const json = "json" in options;
  if (json && !headers.has("content-type")) headers.set("content-type", "application/json");
  const body = options.form ?? (json ? bodyOf(options.json) : null);
  const response = await fetch(base + path, { method, headers, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) as Body };
}

/** Text is sent as it is, to see what becomes of what is not JSON. */
function bodyOf(json: unknown): string {
  return typeof json === "string" ? json : JSON.stringify(json);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Expects a problem in the form that every failed call has, and gives its detail. */
export function expectProblem(answer: Answer, status: number, code: string): string {
  expect(answer.body).toMatchObject({ status, code, type: `urn:pregonero:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  const { detail, request_id } = answer.body;
  expect(detail).toEqual(expect.stringMatching(/\S.*[.…]$/s));
  expect(request_id).toBe(answer.headers.get("x-request-id"));
  return String(detail);
}
