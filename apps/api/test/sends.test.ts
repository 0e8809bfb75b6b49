import type { SendAccepted } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { intakeRows } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();

let device: number;
beforeAll(async () => {
  device = await makeDevice(app().db, app().tenantId);
});

const single = (json: object): Promise<Answer<SendAccepted & Record<string, unknown>>> =>
  app().call("POST", "/api/v1/messages/send", { json: { to: "+34600123456", message: "hi", ...json } });
const bulk = (json: object): Promise<Answer<SendAccepted & Record<string, unknown>>> =>
  app().call("POST", "/api/v1/messages/bulk", {
    json: { messages: [{ to: "+34600123456", message: "hi" }], ...json },
  });

async function rowOf({ body }: Answer<SendAccepted>): Promise<Record<string, unknown>> {
  const { rows } = await app().db.pool.query<Record<string, unknown>>(
    `SELECT j.kind, j.lane_class, j.priority, j.interval_ms, j.devices_limit, j.devices_named,
       (SELECT array_agg(l.device_id ORDER BY l.device_id) FROM lanes l WHERE l.job_id = j.id) AS devices
     FROM send_messages_jobs j WHERE j.id = $1`,
    [body.job_id],
  );
  return rows[0] ?? {};
}

describe("single sends", () => {
  test.each([
    ["without a priority", {}, { lane_class: "interactive", priority: 5 }],
    ["with high priority", { metadata: { priority: "high" } }, { lane_class: "interactive", priority: 8 }],
    ["with low priority", { metadata: { priority: "low", ticket: 7 } }, { lane_class: "bulk", priority: 2 }],
  ])("%s go in their class", async (_what, json, row) => {
    const answer = await single({ device, ...json });
    expect(answer).toMatchObject({ status: 202, body: { total: 1 } });
    expect(await rowOf(answer)).toMatchObject({
      kind: "single",
      devices: [device],
      devices_named: true,
      ...row,
    });
    const { rows } = await app().db.pool.query("SELECT phone, text, variables FROM messages WHERE id = $1", [
      answer.body.message_ids[0],
    ]);
    expect(rows).toEqual([{ phone: "34600123456", text: "hi", variables: null }]);
  });

  test("name their device by id or name, or leave it open", async () => {
    const name = "front desk";
    await app().db.pool.query("UPDATE devices SET name = $2 WHERE id = $1", [device, name]);
    for (const json of [{ device: name }, { device_id: device }, { device, device_id: device }]) {
      expect(await rowOf(await single(json))).toMatchObject({ devices: [device], devices_named: true });
    }
    expect(await rowOf(await single({}))).toMatchObject({ devices: [device], devices_named: false });
  });

  test.each([
    [{ device: "nobody" }, "unknown_device"],
    [{ device_id: 99_999 }, "unknown_device"],
    [{ device_id: "front desk" }, "validation_failed"],
    [{ to: "12" }, "validation_failed"],
    [{ to: true }, "validation_failed"],
    [{ message: "" }, "validation_failed"],
    [{ message: "x".repeat(70_000) }, "validation_failed"],
    [{ metadata: { priority: "urgent" } }, "validation_failed"],
  ])("with %j are refused and leave nothing", async (json, code) => {
    const before = await intakeRows(app());
    expectProblem(await single(json), 422, code);
    expect(await intakeRows(app())).toEqual(before);
  });

  test("a text with braces is stored as it is", async () => {
    const message = "{{name}} {{";
    const { body } = await single({ message });
    const one = await app().call("GET", `/api/v1/jobs/${body.job_id}/messages/${body.message_ids[0] ?? ""}`);
    expect(one.body).toMatchObject({ text: message });
  });
});

describe("bulk sends", () => {
  test("have a text each, a pause and their devices; ids come in order", async () => {
    const messages = Array.from({ length: 1_500 }, (_, n) => ({
      to: `+34${600_000_000 + n}`,
      message: `text ${n}`,
    }));
    const answer = await bulk({ device_id: device, messages, delay: 250 });
    expect(answer).toMatchObject({ status: 202, body: { total: 1_500 } });
    expect(answer.body.message_ids).toHaveLength(1_000);
    expect(await rowOf(answer)).toMatchObject({
      kind: "bulk",
      lane_class: "bulk",
      interval_ms: 250,
      devices_limit: 1,
    });
    const { rows } = await app().db.pool.query<{ id: string; text: string }>(
      "SELECT id, text FROM messages WHERE job_id = $1 ORDER BY seq",
      [answer.body.job_id],
    );
    expect(rows.slice(0, 1_000).map(({ id }) => id)).toEqual(answer.body.message_ids);
    expect(rows.map(({ text }) => text)).toEqual(messages.map(({ message }) => message));
  });

  test.each([
    [{ messages: [] }, "validation_failed"],
    [{ messages: [{ to: "+34600123456" }] }, "validation_failed"],
    [{ messages: [{ to: "abc", message: "hi" }] }, "validation_failed"],
    [{ delay: -1 }, "validation_failed"],
    [{ device_id: 99_999 }, "unknown_device"],
    [{ device_id: 1, device_ids: [1] }, "validation_failed"],
    [{ pool: "nobody" }, "unknown_pool"],
  ])("with %j are refused and leave nothing", async (json, code) => {
    const before = await intakeRows(app());
    expectProblem(await bulk(json), 422, code);
    expect(await intakeRows(app())).toEqual(before);
  });
});
