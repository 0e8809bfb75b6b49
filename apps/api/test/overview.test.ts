import type { AuditEntry, Fleet, Me, Overview } from "@pregonero/contracts";
import type { Page } from "@pregonero/db";
import { describe, expect, test } from "vitest";
import { ThroughputBook } from "../src/overview/throughput-book.ts";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";
import { holdDevice, openContextOf } from "./support/worker.ts";

const app = testApi();

describe("the overview and the fleet", () => {
  test("tell of running jobs, devices, workers, what waits and what is stuck", async () => {
    const device = await app().call<{ id: number }>("POST", "/api/v1/devices", { json: { name: "ventas" } });
    const workerId = await holdDevice(app(), device.body.id);
    await openContextOf(app(), device.body.id, workerId);
    const campaign = { name: "Promo", body: "Hola", recipients: [{ phone: "+34600123456" }] };
    await app().call("POST", "/api/v1/campaigns", { json: campaign });

    const overview = (await app().call<Overview>("GET", "/api/v1/overview")).body;
    expect(overview.jobs).toMatchObject([{ name: "Promo", status: "pending", progress: { total: 1 } }]);
    expect(overview.devices).toMatchObject([{ name: "ventas" }]);
    const fleet = (await app().call<Fleet>("GET", "/api/v1/fleet")).body;
    expect(fleet.workers).toMatchObject([{ name: "worker-1", slots: 10, contexts: 1 }]);
    expect(fleet.devices).toMatchObject([{ name: "ventas", worker: "worker-1" }]);
    expect(fleet.total.queued).toBe(1);
    expect(fleet.stuck.map(({ job }) => job)).toContain("Promo");
  });

  test("show a tenant nothing of another's", async () => {
    const { rows } = await app().db.pool.query<{ id: number }>(
      "INSERT INTO tenants (slug, name) VALUES ('stranger', 'Stranger') RETURNING id",
    );
    const key = await app().keyFor(rows[0]?.id ?? 0, "admin");
    const overview = (await app().call<Overview>("GET", "/api/v1/overview", { key })).body;
    expect([overview.jobs, overview.devices, overview.failures]).toEqual([[], [], []]);
    const fleet = (await app().call<Fleet>("GET", "/api/v1/fleet", { key })).body;
    expect([fleet.devices, fleet.stuck]).toEqual([[], []]);
    expect(fleet.workers).toMatchObject([{ contexts: 0 }]);
    expect((await app().call<Me>("GET", "/api/v1/me", { key })).body).toMatchObject({
      role: "admin",
      tenant: { slug: "stranger" },
      auth: "required",
    });
  });
});

describe("the audit log", () => {
  test("has the newest first, page by page, and is for admins", async () => {
    for (let n = 0; n < 12; n++)
      await app().call("POST", "/api/v1/templates", { json: { name: `plantilla ${n}`, body: "Hola" } });
    const key = app().keys.admin;
    const page = async (query: string) =>
      (await app().call<Page<AuditEntry>>("GET", `/api/v1/audit?action=template&${query}`, { key })).body;
    const first = await page("limit=5");
    const second = await page(`limit=5&cursor=${first.next_cursor}`);
    const third = await page(`limit=5&cursor=${second.next_cursor}`);
    const ids = [...first.items, ...second.items, ...third.items].map(({ id }) => Number(id));
    expect(ids).toHaveLength(12);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(third.next_cursor).toBeNull();
    expect(first.items[0]).toMatchObject({ action: "template.create", actor: "key:test operator" });
    expectProblem(await app().call("GET", "/api/v1/audit"), 403, "forbidden");
  });
});

describe("the book of throughput", () => {
  const minute = 60_000;

  test("reads each minute once it is over, for all tenants, and never again", async () => {
    const asked: number[] = [];
    let nowMs = 100 * minute + 30_000;
    const book = new ThroughputBook({
      now: () => nowMs,
      read: (fromMs) => {
        asked.push(fromMs / minute);
        const at = (minuteMs: number, tenantId: number, sent: number) => ({
          tenantId,
          minuteMs,
          sent,
          delivered: 0,
          read: 0,
          failed: 0,
        });
        return Promise.resolve(
          [at(99 * minute, 1, 5), at(100 * minute, 1, 7), at(100 * minute, 2, 1)].filter(
            ({ minuteMs }) => minuteMs >= fromMs,
          ),
        );
      },
    });
    const [first, second] = await Promise.all([book.of(1), book.of(2)]);
    expect(first).toHaveLength(60);
    expect(first.slice(-2).map(({ sent }) => sent)).toEqual([5, 7]);
    expect(second.at(-1)?.sent).toBe(1);
    nowMs += 3_000;
    expect((await book.of(1)).slice(-2).map(({ sent }) => sent)).toEqual([5, 7]);
    // The whole hour, then from the minute that was not over.
    expect(asked).toEqual([41, 100]);
    await book.of(1);
    expect(asked).toHaveLength(2);
  });
});
