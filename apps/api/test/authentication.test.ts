import { createApiKey } from "@pregonero/db";
import { EnvError } from "@pregonero/runtime";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createServer, request, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { readEnv } from "../src/env.ts";
import { expectProblem, startTestApi } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const secret = "a secret of at least thirty-two characters";
const app = testApi({ JWT_SECRET: secret });

const who = (key: string | null, headers: Record<string, string> = {}) =>
  app().call("GET", "/api/v1/devices", { key, headers });

describe("API keys", () => {
  test("are taken as a bearer token and in X-API-Key", async () => {
    const { viewer } = app().keys;
    expect((await who(viewer)).status).toBe(200);
    expect((await who(null, { "x-api-key": viewer })).status).toBe(200);
    expect((await who(null, { authorization: `bearer ${viewer}` })).status).toBe(200);
    expectProblem(await who(null, { authorization: viewer }), 401, "unauthenticated");
    expectProblem(
      await app().call("GET", `/api/v1/devices?token=${viewer}`, { key: null }),
      401,
      "unauthenticated",
    );
  });

  test("are stored as a hash alone, shown once, listed by their prefix, and end when revoked", async () => {
    const { admin } = app().keys;
    const json = { name: "CRM", role: "operator" };
    const made = await app().call<{ id: string; key: string; prefix: string }>("POST", "/api/v1/api-keys", {
      json,
      key: admin,
    });
    expect(made).toMatchObject({ status: 201, body: { name: "CRM", role: "operator", revoked_at: null } });
    const { id, key, prefix } = made.body;
    expect(key).toMatch(/^pgn_[\w-]{43}$/);
    expect(key.startsWith(prefix)).toBe(true);
    const { rows } = await app().db.pool.query("SELECT * FROM api_keys WHERE id = $1", [id]);
    expect(JSON.stringify(rows)).not.toContain(key);
    expect((await who(key)).status).toBe(200);
    const list = await app().call<{ items: { id: string; last_used_at: string | null }[] }>(
      "GET",
      "/api/v1/api-keys",
      { key: admin },
    );
    expect(list.body.items[0]).toMatchObject({ id, prefix, last_used_at: expect.any(String) });
    expect(JSON.stringify(list.body)).not.toContain(key);
    expect((await app().call("DELETE", `/api/v1/api-keys/${id}`, { key: admin })).status).toBe(204);
    expectProblem(await who(key), 401, "unauthenticated");
  });

  test("end when their time is over, and cannot be made for the past", async () => {
    const { db, tenantId, keys } = app();
    const soon = new Date(Date.now() + 60_000).toISOString();
    const { key, id } = await createApiKey(db.pool, {
      tenantId,
      name: "short",
      role: "viewer",
      expires_at: soon,
    });
    expect((await who(key)).status).toBe(200);
    await db.pool.query("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
    expectProblem(await who(key), 401, "unauthenticated");
    const json = { name: "late", role: "viewer", expires_at: "2020-01-01T00:00:00Z" };
    expectProblem(
      await app().call("POST", "/api/v1/api-keys", { json, key: keys.admin }),
      422,
      "validation_failed",
    );
  });

  test("of operators cannot make keys", async () => {
    const json = { name: "mine", role: "admin" };
    expectProblem(await app().call("POST", "/api/v1/api-keys", { json }), 403, "forbidden");
  });
});

describe("tokens of the CRM", () => {
  const sign = async (claims: Record<string, unknown>, key = secret, algorithm = "HS256"): Promise<string> =>
    await new SignJWT({ sub: "ana", role: "operator", tenant: await slug(), ...claims })
      .setProtectedHeader({ alg: algorithm })
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode(key));
  const slug = async (): Promise<string> => {
    const { rows } = await app().db.pool.query<{ slug: string }>("SELECT slug FROM tenants WHERE id = $1", [
      app().tenantId,
    ]);
    return rows[0]?.slug ?? "";
  };

  test("name the tenant by slug or id, the role and the actor", async () => {
    for (const tenant of [await slug(), app().tenantId, String(app().tenantId)]) {
      const answer = await app().call<{ id: number }>("POST", "/api/v1/devices", {
        json: { name: `by token of ${typeof tenant} ${tenant}` },
        key: await sign({ tenant }),
      });
      expect(answer.status).toBe(201);
      const { rows } = await app().db.pool.query("SELECT actor FROM audit_log WHERE subject = $1", [
        `device:${answer.body.id}`,
      ]);
      expect(rows).toEqual([{ actor: "jwt:ana" }]);
    }
    expectProblem(
      await app().call("POST", "/api/v1/devices", {
        json: { name: "x" },
        key: await sign({ role: "viewer" }),
      }),
      403,
      "forbidden",
    );
  });

  test.each([
    ["of nobody's tenant", { tenant: "nobody" }],
    ["without a tenant", { tenant: undefined }],
    ["with a role that does not exist", { role: "root" }],
    ["that has expired", { exp: 1 }],
    ["that is not valid yet", { nbf: 4_000_000_000 }],
  ])("one %s is not taken", async (_what, claims) => {
    const token =
      "exp" in claims
        ? await new SignJWT({ tenant: await slug(), role: "admin" })
            .setProtectedHeader({ alg: "HS256" })
            .setExpirationTime(claims.exp)
            .sign(new TextEncoder().encode(secret))
        : await sign(claims);
    expectProblem(await who(token), 401, "unauthenticated");
  });

  test("one signed with another secret, another algorithm or none is not taken", async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"role":"admin","tenant":1}').toString("base64url")}.`;
    const tokens = [
      await sign({}, "another secret of thirty-two characters"),
      await sign({}, secret, "HS512"),
      unsigned,
      "a.b.c",
    ];
    for (const token of tokens) expectProblem(await who(token), 401, "unauthenticated");
  });

  test("are checked against a key set, and the set's public key is no secret", async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" };
    const keys = createServer(
      (_req, res) =>
        void res.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => void keys.listen(0, "127.0.0.1", resolve));
    const address = keys.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      await using other = await startTestApi({ JWKS_URL: `http://127.0.0.1:${port}/keys` });
      const claims = { tenant: String(other.tenantId), role: "viewer" };
      const good = await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "one" })
        .setExpirationTime("5m")
        .sign(privateKey);
      expect((await other.call("GET", "/api/v1/devices", { key: good })).status).toBe(200);
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "one" })
        .setExpirationTime("5m")
        .sign(new TextEncoder().encode(JSON.stringify(jwk)));
      expectProblem(await other.call("GET", "/api/v1/devices", { key: forged }), 401, "unauthenticated");
    } finally {
      keys.closeAllConnections();
      keys.close();
    }
  });

  test("with a key set that cannot be read nobody is turned away for good: 503, and API keys go on", async () => {
    await using other = await startTestApi({ JWKS_URL: "http://127.0.0.1:1/keys" });
    const { privateKey } = await generateKeyPair("RS256");
    const claims = { tenant: String(other.tenantId), role: "viewer" };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256" })
      .setExpirationTime("5m")
      .sign(privateKey);
    expectProblem(await other.call("GET", "/api/v1/devices", { key: token }), 503, "unavailable");
    expect((await other.call("GET", "/api/v1/devices")).status).toBe(200);
  });
});

describe("the open mode", () => {
  /** fetch does not let its caller choose the Host header. */
  const get = (url: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(url, { headers }, (res: IncomingMessage) => {
        res.resume();
        resolve(res.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end();
    });

  test("lets this machine in as admin of the first tenant, and no website and no other name", async () => {
    await using open = await startTestApi({ AUTH: "open", CORS_ORIGINS: "https://crm.example" });
    expect(open.tenantId).toBe(1);
    const made = await open.call<{ id: string }>("POST", "/api/v1/api-keys", {
      json: { name: "k", role: "viewer" },
      key: null,
    });
    expect(made.status).toBe(201);
    const path = `${open.url}/api/v1/devices`;
    const port = new URL(open.url).port;
    expect(await get(path, {})).toBe(200);
    expect(await get(path, { host: `localhost:${port}` })).toBe(200);
    expect(await get(path, { host: "evil.example" })).toBe(403);
    expect(await get(path, { host: `127.0.0.1.evil.example:${port}` })).toBe(403);
    expect(await get(path, { origin: "https://evil.example" })).toBe(403);
    expect(await get(path, { origin: "null" })).toBe(403);
    expect(await get(path, { origin: "https://crm.example" })).toBe(200);
    expect(await get(path, { origin: "http://localhost:4200" })).toBe(200);
    expect(await get(`${open.url}/openapi.json`, { host: "evil.example" })).toBe(403);
  });

  test("takes keys for what they are: one that is wrong does not make its sender the admin", async () => {
    await using open = await startTestApi({ AUTH: "open" });
    expectProblem(await open.call("GET", "/api/v1/devices", { key: "pgn_wrong" }), 401, "unauthenticated");
    expectProblem(
      await open.call("POST", "/api/v1/devices", { key: open.keys.viewer, json: { name: "x" } }),
      403,
      "forbidden",
    );
  });

  test.each(["0.0.0.0", "::", "192.168.1.5", "example.com"])("is refused on %s", (HOST) => {
    const settings = { DATABASE_URL: "postgres://x", AUTH: "open", HOST };
    expect(() => readEnv(settings)).toThrow(EnvError);
    expect(readEnv({ ...settings, AUTH: "required" }).HOST).toBe(HOST);
  });

  test("a secret that is too short is refused", () => {
    expect(() => readEnv({ DATABASE_URL: "postgres://x", JWT_SECRET: "short" })).toThrow(/JWT_SECRET/);
  });
});
