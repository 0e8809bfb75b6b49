import type { ContextCommandAnswer } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { describe, expect, test, vi } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";
import { answerCommand, holdDevice, openContextOf } from "./support/worker.ts";

const app = testApi({ COMMAND_WAIT_MS: "1500" });

const path = (id: number, action = ""): string => `/api/v1/browser-contexts/${id}${action}`;

describe("browser contexts", () => {
  test("are addressed by their device: their own ids are in no answer", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    const worker = await holdDevice(app(), id);
    const systemId = await openContextOf(app(), id, worker);
    const one = await app().call("GET", path(id));
    expect(one).toMatchObject({
      status: 200,
      body: { device_id: id, device_name: "device", status: "available", sends: 0 },
    });
    const list = await app().call<{ items: object[] }>(
      "GET",
      `/api/v1/browser-contexts?device_id=${id}&status=available`,
    );
    expect(list.body.items).toEqual([one.body]);
    expect(
      (await app().call<{ items: object[] }>("GET", `/api/v1/browser-contexts?device_id=${id}&status=error`))
        .body.items,
    ).toEqual([]);
    expect(JSON.stringify([one.body, list.body])).not.toContain(systemId);
    expect(JSON.stringify([one.body, list.body])).not.toContain(worker);
  });

  test("show the open one of a device, else the last", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    await openContextOf(app(), id);
    await app().db.pool.query(
      "UPDATE browser_context SET status = 'closed', created_at = now() WHERE device_id = $1",
      [id],
    );
    expect((await app().call("GET", path(id))).body).toMatchObject({ status: "closed" });
    await openContextOf(app(), id);
    await app().db.pool.query(
      "UPDATE browser_context SET created_at = now() - interval '1 day' WHERE device_id = $1 AND status <> 'closed'",
      [id],
    );
    expect((await app().call("GET", path(id))).body).toMatchObject({ status: "available" });
    const list = await app().call<{ items: object[] }>("GET", `/api/v1/browser-contexts?device_id=${id}`);
    expect(list.body.items).toHaveLength(1);
  });

  test("are opened by wanting the device: the answer waits for a worker, and says when none came", async () => {
    const id = await makeDevice(app().db, app().tenantId, false);
    const opening = app().call<ContextCommandAnswer>("POST", "/api/v1/browser-contexts", {
      json: { device_id: id },
    });
    await vi.waitFor(async () =>
      expect(await app().count("devices", `id = ${id} AND link_requested_at IS NOT NULL`)).toBe(1),
    );
    await openContextOf(app(), id);
    expect(await opening).toMatchObject({
      status: 201,
      body: { context: { device_id: id, status: "available" } },
    });
    const alone = await makeDevice(app().db, app().tenantId, false);
    const late = await app().call("POST", "/api/v1/browser-contexts", { json: { device_id: alone } });
    expect(late).toMatchObject({ status: 202, body: { command: null, context: null } });
  });

  test.each([
    ["restart", "restart_context"],
    ["close", "close_context"],
  ])("%s is asked of the worker that holds the device", async (verb, kind) => {
    const id = await makeDevice(app().db, app().tenantId);
    expectProblem(await app().call("POST", path(id, `/${verb}`)), 409, "conflict");
    await openContextOf(app(), id);
    expectProblem(await app().call("POST", path(id, `/${verb}`)), 409, "conflict");
    await holdDevice(app(), id);
    const [answer, command] = await Promise.all([
      app().call("POST", path(id, `/${verb}`)),
      answerCommand(app(), id, { result: {} }),
    ]);
    expect(command.kind).toBe(kind);
    expect(answer).toMatchObject({
      status: 200,
      body: { command: { kind, status: "done" }, context: { device_id: id } },
    });
    const [refused] = await Promise.all([
      app().call("POST", path(id, `/${verb}`)),
      answerCommand(app(), id, { error: "busy" }),
    ]);
    expect(expectProblem(refused, 409, "conflict")).toContain("busy");
    const slow = await app().call<ContextCommandAnswer>("POST", path(id, `/${verb}`));
    expect(slow).toMatchObject({ status: 202, body: { command: { status: "waiting" } } });
  });

  test("an admin changes the status, through the worker or, without one, in the books", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    await openContextOf(app(), id);
    const patch = (status: string, key = app().keys.admin) =>
      app().call("PATCH", path(id), { json: { status }, key });
    expectProblem(await patch("error", app().keys.operator), 403, "forbidden");
    expectProblem(await patch("sleeping"), 422, "validation_failed");
    expect(await patch("error")).toMatchObject({
      status: 200,
      body: { command: null, context: { status: "error" } },
    });
    await holdDevice(app(), id);
    const [answer, command] = await Promise.all([
      patch("available"),
      answerCommand(app(), id, { result: {} }),
    ]);
    expect(command).toMatchObject({ kind: "set_context_status", params: { status: "available" } });
    expect(answer).toMatchObject({ status: 200, body: { command: { status: "done" } } });
    await app().db.pool.query("UPDATE devices SET lease_worker_id = NULL WHERE id = $1", [id]);
    await patch("closed");
    expectProblem(await patch("available"), 409, "conflict");
  });
});
