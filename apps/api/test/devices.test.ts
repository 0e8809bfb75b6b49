import type { Device, DeviceLinkAnswer, DeviceQr } from "@pregonero/contracts";
import { EventBus } from "@pregonero/queue";
import { busChannel, type BusEvent } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { inject, describe, expect, test, vi } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { testApi } from "./support/suite.ts";
import { answerCommand, holdDevice } from "./support/worker.ts";

const app = testApi({ PAIRING_TIMEOUT_MS: "1500" });

let names = 0;
async function create(json: Record<string, unknown> = {}): Promise<Device> {
  const answer = await app().call<Device>("POST", "/api/v1/devices", {
    json: { name: `device ${++names}`, ...json },
  });
  expect(answer.status).toBe(201);
  return answer.body;
}

const get = async (id: number): Promise<Device> =>
  (await app().call<Device>("GET", `/api/v1/devices/${id}`)).body;

describe("devices", () => {
  test("are made, read, changed, listed by page and deleted", async () => {
    const pacing = { messages_per_minute: 20, gap_ms: { min: 500, max: 1_500 } };
    const made = await create({ pacing, url: "http://127.0.0.1:9000/" });
    expect(made).toMatchObject({
      kind: "whatsapp_web",
      state: "disconnected",
      wanted: false,
      pacing,
      url: "http://127.0.0.1:9000/",
    });
    const patch = { json: { name: "renamed", url: null, pacing: {} } };
    const changed = await app().call<Device>("PATCH", `/api/v1/devices/${made.id}`, patch);
    expect(changed.body).toMatchObject({ id: made.id, name: "renamed", url: null, pacing: {} });
    const partly = await app().call<Device>("PATCH", `/api/v1/devices/${made.id}`, {
      json: { name: "again" },
    });
    expect(partly.body).toMatchObject({ name: "again", url: null });
    await create();
    const page = await app().call<{ items: Device[]; next_cursor: string }>("GET", "/api/v1/devices?limit=1");
    expect(page.body.items).toEqual([await get(made.id)]);
    const next = await app().call<{ items: Device[]; next_cursor: null }>(
      "GET",
      `/api/v1/devices?cursor=${page.body.next_cursor}`,
    );
    expect(next.body.items).toHaveLength(1);
    expect(next.body.next_cursor).toBeNull();
    expect((await app().call("DELETE", `/api/v1/devices/${made.id}`)).status).toBe(204);
    expectProblem(await app().call("GET", `/api/v1/devices/${made.id}`), 404, "not_found");
    expectProblem(await app().call("DELETE", `/api/v1/devices/${made.id}`), 404, "not_found");
  });

  test("have names of their own, also when they are made at once, and a deleted one's is free", async () => {
    const post = (name: string): Promise<Answer> => app().call("POST", "/api/v1/devices", { json: { name } });
    const answers = await Promise.all([1, 2, 3, 4].map(() => post("the same")));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    const other = await create();
    expectProblem(
      await app().call("PATCH", `/api/v1/devices/${other.id}`, { json: { name: "the same" } }),
      409,
      "name_taken",
    );
    const first = answers.find(({ status }) => status === 201);
    await app().call("DELETE", `/api/v1/devices/${String(first?.body["id"])}`);
    expect((await post("the same")).status).toBe(201);
  });

  test.each([
    [{ name: "" }, "name must not be empty"],
    [{ name: "x", kind: "fax" }, "kind must be one of"],
    [{ name: "x", url: "ftp://a" }, "url must be an http or https address"],
    [{ name: "x", pacing: { messages_per_minute: 0 } }, "pacing.messages_per_minute must be"],
    [{ name: "x", pacing: { gap_ms: { min: 5, max: 1 } } }, "pacing.gap_ms min must not be larger than max"],
    [{ name: "x", pacing: { speed: 1 } }, "fields that do not belong there: speed"],
  ])("%j is refused", async (json, detail) => {
    const answer = await app().call("POST", "/api/v1/devices", { json });
    expect(expectProblem(answer, 422, "validation_failed")).toContain(detail);
  });

  test("show the worker that holds them", async () => {
    const { id } = await create();
    const worker = await holdDevice(app(), id);
    expect((await get(id)).worker).toEqual({ id: worker, name: "worker-1" });
    await app().db.pool.query(
      "UPDATE devices SET lease_expires_at = now() - interval '1 second' WHERE id = $1",
      [id],
    );
    expect((await get(id)).worker).toBeNull();
  });

  test("show what they took on today, on their own calendar, and how much they may", async () => {
    const pacing = { time_zone: "Pacific/Kiritimati", daily_cap: 500, warm_up: { first_day: 50, factor: 2 } };
    const { id } = await create({ pacing });
    expect((await get(id)).today).toEqual({ claimed: 0, cap: 50 });
    const day = (zone: string): string =>
      new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date());
    const book = (zone: string, claimed: number): Promise<unknown> =>
      app().db.pool.query(
        "INSERT INTO device_days VALUES ($1, $2, $3) ON CONFLICT (device_id, day) DO UPDATE SET claimed = $3",
        [id, day(zone), claimed],
      );
    await book("Pacific/Niue", 40);
    expect((await get(id)).today.claimed).toBe(0);
    await book("Pacific/Kiritimati", 7);
    expect((await get(id)).today).toEqual({ claimed: 7, cap: 50 });
    const other = await create();
    expect(other.today).toEqual({ claimed: 0, cap: null });
  });

  test("cannot be deleted while a job can be sent by them alone", async () => {
    const a = await makeDevice(app().db, app().tenantId);
    const b = await makeDevice(app().db, app().tenantId);
    const job = await app().call<{ job_id: string }>("POST", "/api/v1/messages/bulk", {
      json: { device_ids: [a, b], messages: [{ to: "+34600123456", message: "hi" }] },
    });
    expect((await app().call("DELETE", `/api/v1/devices/${a}`)).status).toBe(204);
    expect(expectProblem(await app().call("DELETE", `/api/v1/devices/${b}`), 409, "conflict")).toContain(
      "unfinished job",
    );
    await app().call("POST", `/api/v1/jobs/${job.body.job_id}/cancel`);
    expect((await app().call("DELETE", `/api/v1/devices/${b}`)).status).toBe(204);
  });
});

describe("linking", () => {
  const link = (id: number, json: unknown): Promise<Answer<DeviceLinkAnswer & Record<string, unknown>>> =>
    app().call("POST", `/api/v1/devices/${id}/link`, { json });

  test("by QR makes the device wanted, tells the workers, and the code comes as an image", async () => {
    const { id } = await create();
    const bus = new EventBus({ url: inject("redisUrl"), prefix: app().redisPrefix, name: "test" });
    const heard: BusEvent[] = [];
    bus.subscribe(busChannel.workers(), (event) => void heard.push(event));
    await vi.waitFor(() => expect(bus.ready).toBe(true));
    try {
      await vi.waitFor(async () => {
        expect(await link(id, { method: "qr" })).toMatchObject({
          status: 202,
          body: { method: "qr", code: null },
        });
        await vi.waitFor(() => expect(heard).toContainEqual({ type: "wake", deviceId: id }), {
          timeout: 200,
        });
      });
    } finally {
      await bus.close();
    }
    expect(await get(id)).toMatchObject({ wanted: true });
    expectProblem(await app().call("GET", `/api/v1/devices/${id}/qr`), 404, "not_found");
    await app().db.pool.query(
      "UPDATE devices SET state = 'qr', qr_code = '2@abc', qr_at = now() WHERE id = $1",
      [id],
    );
    const qr = await app().call<DeviceQr>("GET", `/api/v1/devices/${id}/qr`);
    expect(qr.body).toMatchObject({
      code: "2@abc",
      svg: expect.stringMatching(/^<svg /),
      data_url: expect.stringMatching(/^data:image\/svg/),
    });
    expect(Date.parse(qr.body.expires_at)).toBeGreaterThan(Date.parse(qr.body.shown_at));
  });

  test("by code waits for the worker's answer", async () => {
    const { id } = await create();
    await holdDevice(app(), id);
    const [answer, command] = await Promise.all([
      link(id, { method: "code", phone: "+34 600 123 456" }),
      answerCommand(app(), id, { result: { code: "ABCD-1234" } }),
    ]);
    expect(command).toMatchObject({ kind: "pairing_code", params: { phone: "34600123456" } });
    expect(answer).toMatchObject({
      status: 200,
      body: { method: "code", code: "ABCD-1234", device: { id, wanted: true } },
    });
  });

  test("by code tells when WhatsApp refuses", async () => {
    const { id } = await create();
    const [answer] = await Promise.all([
      link(id, { method: "code", phone: "+34600123456" }),
      answerCommand(app(), id, { error: "too many attempts" }),
    ]);
    expect(expectProblem(answer, 409, "conflict")).toContain("too many attempts");
  });

  test("by code gives up when no worker answers, and takes the request back", async () => {
    const { id } = await create();
    expectProblem(await link(id, { method: "code", phone: "+34600123456" }), 504, "worker_timeout");
    const { rows } = await app().db.pool.query("SELECT status FROM device_commands WHERE device_id = $1", [
      id,
    ]);
    expect(rows).toEqual([{ status: "failed" }]);
  });

  test.each([
    [{ method: "code" }, "phone is missing"],
    [{ method: "code", phone: "12" }, "too short"],
    [{ method: "fax" }, "method"],
    [{}, "method"],
  ])("%j is refused and the device stays as it was", async (json, detail) => {
    const { id } = await create();
    expect(expectProblem(await link(id, json), 422, "validation_failed")).toContain(detail);
    expect((await get(id)).wanted).toBe(false);
  });

  test("of a linked device is refused; it has no QR either", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    expectProblem(await link(id, { method: "qr" }), 409, "conflict");
    expectProblem(await app().call("GET", `/api/v1/devices/${id}/qr`), 409, "conflict");
  });
});

describe("unlinking", () => {
  test("is done at once when no worker holds the device", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    const answer = await app().call<Device>("POST", `/api/v1/devices/${id}/unlink`);
    expect(answer).toMatchObject({
      status: 200,
      body: { linked: false, wanted: false, state: "disconnected", phone: null },
    });
  });

  test("is asked of the worker that holds it", async () => {
    const id = await makeDevice(app().db, app().tenantId);
    await holdDevice(app(), id);
    expect((await app().call("POST", `/api/v1/devices/${id}/unlink`)).status).toBe(202);
    const { kind, id: command } = await answerCommand(app(), id, { result: {} });
    expect(kind).toBe("logout");
    const seen = await app().call("GET", `/api/v1/devices/${id}/commands/${command}`);
    expect(seen.body).toMatchObject({ id: command, device_id: id, kind: "logout", status: "done" });
  });
});

describe("device pools", () => {
  test("are made, changed and deleted; their devices stay", async () => {
    const a = await makeDevice(app().db, app().tenantId);
    const made = await app().call<{ id: number }>("POST", "/api/v1/device-pools", {
      json: { name: "north", device_ids: [a] },
    });
    expect(made).toMatchObject({ status: 201, body: { name: "north", device_ids: [a] } });
    const path = `/api/v1/device-pools/${made.body.id}`;
    expectProblem(
      await app().call("POST", "/api/v1/device-pools", { json: { name: "north", device_ids: [] } }),
      409,
      "name_taken",
    );
    expectProblem(
      await app().call("PUT", path, { json: { name: "north", device_ids: [a, 99_999] } }),
      422,
      "unknown_device",
    );
    expect((await app().call("GET", path)).body).toMatchObject({ device_ids: [a] });
    expect((await app().call("PUT", path, { json: { name: "south", device_ids: [] } })).body).toMatchObject({
      name: "south",
      device_ids: [],
    });
    expect((await app().call("DELETE", path)).status).toBe(204);
    expect((await get(a)).id).toBe(a);
  });
});
