import { makeTenant } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { testApi } from "../support/suite.ts";
import { FrameClient } from "./support/frame-client.ts";

const api = testApi();

interface Listed {
  readonly instance_id: string;
  readonly items: Record<string, unknown>[];
}

const list = (key: string) => api().call<Listed>("GET", "/api/v1/realtime/connections", { key });

test("an admin sees who of the tenant is connected, what they follow and what waits for them; nobody else does", async () => {
  const { keys, url, db, keyFor } = api();
  const client = new FrameClient(`${url.replace("http", "ws")}/ws`, {
    protocols: ["pregonero.v1", `bearer.${keys.viewer}`],
  });
  try {
    const connected = await client.type("connected");
    for (const channel of ["devices", "jobs"]) client.send({ type: "subscribe", channel });
    await client.untilAll(
      (frames) => frames.filter(({ type }) => type === "state").length === 2 || undefined,
    );
    const { status, body } = await list(keys.admin);
    expect(status).toBe(200);
    expect(body.items).toEqual([
      {
        id: connected["connection_id"],
        dialect: "channels",
        actor: "key:test viewer",
        role: "viewer",
        opened_at: expect.any(String),
        subscriptions: 2,
        frames_in: 2,
        frames_out: client.frames.length,
        bytes_out: expect.any(Number),
        frames_dropped: 0,
        waiting_bytes: 0,
      },
    ]);
    const stranger = await keyFor(await makeTenant(db), "admin");
    expect((await list(stranger)).body.items).toEqual([]);
    expect((await list(keys.operator)).status).toBe(403);
  } finally {
    client.close();
  }
  await expect.poll(async () => (await list(keys.admin)).body.items).toEqual([]);
});

test("the documents of REST and of the WebSockets are served", async () => {
  const document = await api().call("GET", "/asyncapi.json", { key: null });
  expect(document.body).toMatchObject({ asyncapi: "3.0.0", channels: { channels: { address: "/ws" } } });
});
