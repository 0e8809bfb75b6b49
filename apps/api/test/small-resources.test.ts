import type { Queues, Suppression, Template } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { TurnQueues } from "@pregonero/queue";
import { describe, expect, inject, test } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();

describe("templates", () => {
  const create = (json: object) => app().call<Template>("POST", "/api/v1/templates", { json });

  test("are made, listed, changed, previewed and deleted", async () => {
    const body = "Hola {{Nombre|amigo}}, {{pedido}}";
    const made = await create({ name: "order", body });
    const variables = [
      { name: "Nombre", default: "amigo" },
      { name: "pedido", default: null },
    ];
    expect(made).toMatchObject({ status: 201, body: { name: "order", language: "es", body, variables } });
    const path = `/api/v1/templates/${made.body.id}`;
    expect((await app().call("GET", path)).body).toEqual(made.body);
    expect((await app().call<{ items: Template[] }>("GET", "/api/v1/templates")).body.items).toEqual([
      made.body,
    ]);
    const preview = (json: object) => app().call("POST", `${path}/preview`, { json, key: app().keys.viewer });
    expect((await preview({ variables: { NOMBRE: "Ana", Pedido: 7 } })).body).toEqual({
      text: "Hola Ana, 7",
      missing: [],
    });
    expect((await preview({})).body).toEqual({ text: null, missing: ["pedido"] });
    const changed = await app().call<Template>("PATCH", path, { json: { body: "Adiós" } });
    expect(changed.body).toMatchObject({ name: "order", body: "Adiós", variables: [] });
    expect((await app().call("DELETE", path)).status).toBe(204);
    expectProblem(await app().call("GET", path), 404, "not_found");
  });

  test("are unique by name and language", async () => {
    const one = await create({ name: "same", language: "es", body: "a" });
    expect((await create({ name: "same", language: "en", body: "a" })).status).toBe(201);
    expectProblem(
      await app().call("POST", "/api/v1/templates", { json: { name: "same", language: "es", body: "b" } }),
      409,
      "name_taken",
    );
    expectProblem(
      await app().call("PATCH", `/api/v1/templates/${one.body.id}`, { json: { language: "en" } }),
      409,
      "name_taken",
    );
  });

  test("filters show in the preview, and one that there is not is refused at saving", async () => {
    const body = 'Hola {{nombre|first_word|capitalize|default:"amigo"}}: {{monto|currency:"PEN","es-PE"}}';
    const made = await create({ name: "filters", body });
    expect(made.body.variables).toEqual([
      { name: "nombre", default: "amigo" },
      { name: "monto", default: null },
    ]);
    const preview = async (variables: object) =>
      (await app().call("POST", `/api/v1/templates/${made.body.id}/preview`, { json: { variables } })).body;
    expect(await preview({ nombre: "ANA MARÍA", monto: 1234.5 })).toEqual({
      text: "Hola Ana: S/ 1,234.50",
      missing: [],
    });
    expect(await preview({ monto: "gratis" })).toEqual({ text: null, missing: ["monto"] });
    const bad = { body: "{{nombre|upper|capitalise}}" };
    expectProblem(
      await app().call("POST", "/api/v1/templates", { json: { name: "bad filter", ...bad } }),
      422,
      "template_invalid",
    );
    expectProblem(
      await app().call("PATCH", `/api/v1/templates/${made.body.id}`, { json: bad }),
      422,
      "template_invalid",
    );
  });

  test("a text that is no template is refused with words", async () => {
    const answer = await app().call("POST", "/api/v1/templates", {
      json: { name: "bad", body: "Hola {{nombre" },
    });
    expect(expectProblem(answer, 422, "template_invalid")).toContain("{{nombre");
    expect(await app().count("templates", "name = 'bad'")).toBe(0);
  });
});

describe("suppressions", () => {
  test("are added in any form, listed, masked for viewers and removed", async () => {
    const add = (phone: string) =>
      app().call<Suppression>("POST", "/api/v1/suppressions", { json: { phone, reason: "asked" } });
    expect(await add("+34 600 111 222")).toMatchObject({
      status: 201,
      body: { phone: "34600111222", reason: "asked" },
    });
    expect((await add("0034600111222")).status).toBe(201);
    const list = (key: string) =>
      app().call<{ items: Suppression[] }>("GET", "/api/v1/suppressions", { key });
    expect((await list(app().keys.operator)).body.items).toMatchObject([{ phone: "34600111222" }]);
    expect((await list(app().keys.viewer)).body.items).toMatchObject([{ phone: "34*****222" }]);
    const path = `/api/v1/suppressions/${encodeURIComponent("+34600111222")}`;
    expect((await app().call("DELETE", path)).status).toBe(204);
    expectProblem(await app().call("DELETE", path), 404, "not_found");
    expectProblem(
      await app().call("POST", "/api/v1/suppressions", { json: { phone: "x" } }),
      422,
      "validation_failed",
    );
    const { rows } = await app().db.pool.query(
      "SELECT subject FROM audit_log WHERE action LIKE 'suppression.%'",
    );
    expect(JSON.stringify(rows)).not.toContain("600111222");
  });
});

describe("queues", () => {
  test("tell what waits in them and in the database, and forget what is finished", async () => {
    const device = await makeDevice(app().db, app().tenantId);
    const json = {
      device_id: device,
      messages: [
        { to: "+34600123456", message: "a" },
        { to: "+34600123457", message: "b" },
      ],
    };
    await app().call("POST", "/api/v1/messages/bulk", { json });
    const mine = async (): Promise<Queues["queues"][number] | undefined> => {
      const { body } = await app().call<Queues>("GET", "/api/v1/queues");
      expect(body.messages.waiting).toBeGreaterThanOrEqual(2);
      return body.queues.find(({ device_id }) => device_id === device);
    };
    await expect.poll(mine).toMatchObject({ name: `turns-${device}`, waiting: 1, queued_messages: 2 });

    const queues = new TurnQueues({
      url: inject("redisUrl"),
      prefix: app().redisPrefix,
      turnMs: 1_000,
      onError: () => undefined,
    });
    const consumer = queues.consume(device, () => Promise.resolve());
    await expect.poll(mine).toMatchObject({ waiting: 0, active: 0, completed: 1 });
    await consumer.close();
    await queues.close();
    const clean = (older_than_ms: number) =>
      app().call<{ removed: number }>("POST", "/api/v1/queues/clean", {
        json: { older_than_ms },
        key: app().keys.admin,
      });
    expect((await clean(3_600_000)).body).toEqual({ removed: 0 });
    expect((await clean(0)).body).toEqual({ removed: 1 });
    expect(await app().count("messages")).toBe(2);
  });
});
