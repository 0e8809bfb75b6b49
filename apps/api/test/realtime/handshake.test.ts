import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHarness, type Harness } from "./support/harness.ts";
import type { FrameClient } from "./support/frame-client.ts";

let harness: Harness;
let token: string;

beforeAll(async () => {
  harness = await openHarness({ options: { authMs: 500, allowedOrigins: ["https://crm.example"] } });
  token = harness.token(await harness.sender.tenant());
});
afterAll(() => harness.close());

const refusal = (client: FrameClient) =>
  new Promise((resolve) => {
    client.socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
  });

describe("credentials", () => {
  test("in a header, in ?token= or in a subprotocol", async () => {
    const header = harness.connect("/ws", { headers: { authorization: `Bearer ${token}` } });
    const query = harness.connect(`/ws?token=${token}`);
    const protocols = harness.connect("/ws", { protocols: ["pregonero", `bearer.${token}`] });
    for (const client of [header, query, protocols]) await client.type("connected");
    expect(protocols.socket.protocol).toBe("pregonero");
  });

  test("in a first frame; frames right behind it are answered", async () => {
    const client = harness.connect("/ws");
    await client.type("auth_required");
    client.socket.once("pong", () => undefined);
    client.send({ type: "auth", token });
    client.send({ type: "ping", timestamp: 1 });
    await client.type("pong");
    expect(client.types).toEqual(["auth_required", "connected", "pong"]);
  });

  test("that come again in a frame are harmless", async () => {
    const client = harness.connect(`/ws?token=${token}`);
    await client.type("connected");
    client.send({ type: "auth", token });
    await client.sync();
    expect(client.types).toEqual(["connected", "pong"]);
  });

  test("that do not come in time close the connection with 4401", async () => {
    const client = harness.connect("/ws");
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.types).toEqual(["auth_required", "error"]);
  });

  test.each([
    ["a header", "/ws", { headers: { authorization: "Bearer wrong" } }],
    ["?token=", "/ws?token=wrong", {}],
    ["a subprotocol", "/ws", { protocols: ["pregonero", "bearer.wrong"] }],
  ])("that are wrong in %s close the connection with 4401", async (_, path, options) => {
    const client = harness.connect(path, options);
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.of("error")).toMatchObject([{ code: "unauthenticated" }]);
    expect(client.types).not.toContain("connected");
  });

  test.each([
    ["a wrong token", { type: "auth", token: "wrong" }],
    ["another frame", { type: "subscribe_job", job_id: "00000000-0000-7000-8000-000000000000" }],
    ["no JSON", "hello"],
  ])("%s as the first frame closes the connection with 4401", async (_, frame) => {
    const client = harness.connect("/ws");
    await client.type("auth_required");
    client.send(frame);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  test("that are revoked close an open connection with 4401, and no other", async () => {
    const strict = await openHarness({ options: { recheckMs: 50 } });
    try {
      const tenant = await strict.sender.tenant();
      const [revoked, kept] = [strict.token(tenant), strict.token(tenant)];
      const [leaving, staying] = [
        strict.connect(`/ws?token=${revoked}`),
        strict.connect(`/ws?token=${kept}`),
      ];
      for (const client of [leaving, staying]) await client.type("connected");
      strict.revoke(revoked);
      expect(await leaving.closed).toMatchObject({ code: 4401 });
      expect(leaving.of("error")).toMatchObject([{ code: "unauthenticated" }]);
      await staying.sync();
    } finally {
      await strict.close();
    }
  });

  test("that cannot be checked now close the connection with 1013", async () => {
    const broken = await openHarness({ authenticateToken: () => Promise.reject(new Error("database away")) });
    try {
      expect(await broken.connect("/ws?token=x").closed).toMatchObject({ code: 1013 });
    } finally {
      await broken.close();
    }
  });
});

describe("origins", () => {
  test.each(["https://crm.example", "http://localhost:4200", undefined])("%s may connect", async (origin) => {
    const client = harness.connect(`/ws?token=${token}`, origin === undefined ? {} : { origin });
    await client.type("connected");
  });

  test("the server's own may connect, under whatever name it is reached", async () => {
    const options = { origin: "https://pregonero.example", headers: { host: "pregonero.example" } };
    await harness.connect(`/ws?token=${token}`, options).type("connected");
  });

  test.each(["https://evil.example", "null", "http://localhost.evil.example", "https://crm.example.evil"])(
    "%s gets 403",
    async (origin) => {
      expect(await refusal(harness.connect(`/ws?token=${token}`, { origin }))).toBe(403);
    },
  );

  test("of loopback may not connect to a server that has a name", async () => {
    const options = { origin: "http://localhost:4200", headers: { host: "pregonero.example" } };
    expect(await refusal(harness.connect(`/ws?token=${token}`, options))).toBe(403);
  });
});

test.each(["/", "/ws/", "/ws/job/", "/ws/jobs/1", "/ws/job/1/2", "/socket.io/"])(
  "no WebSocket on %s: 404",
  async (path) => {
    expect(await refusal(harness.connect(path))).toBe(404);
  },
);
