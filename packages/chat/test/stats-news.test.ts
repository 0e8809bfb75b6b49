import { busChannel } from "@pregonero/contracts";
import { openDatabase } from "@pregonero/db";
import { cloneDatabase, makeTenant } from "@pregonero/db/testing";
import { EventBus } from "@pregonero/queue";
import { createLogger } from "@pregonero/runtime";
import { expect, inject, test, vi } from "vitest";
import { ChatNews } from "../src/index.ts";

test("over several processes a tenant's figures are told once a second at most, and the last change in any case", async () => {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  const tenantId = await makeTenant(db);
  const log = createLogger({ service: "test", level: "error", file: null });
  const prefix = `test-${crypto.randomUUID()}`;
  const buses = [1, 2, 3].map((n) => new EventBus({ url: inject("redisUrl"), prefix, name: `test-${n}` }));
  const processes = buses.map((bus) => new ChatNews({ db, bus, log }));
  const told: { at: number; received: number }[] = [];
  buses[0]?.subscribe(busChannel.crm(tenantId), (event) => {
    if (event.type !== "crm" || event.event.type !== "stats_updated") return;
    told.push({ at: performance.now(), received: event.event.data.stats.received });
  });
  await vi.waitFor(() => expect(buses.every((bus) => bus.ready)).toBe(true));
  const moved = {
    messageId: crypto.randomUUID(),
    tenantId,
    deviceId: null,
    phone: "34600000000",
    to: "sent" as const,
  };
  let received = 0;
  const untilMs = performance.now() + 2_500;
  while (performance.now() < untilMs) {
    received += 1;
    await db.pool.query(
      `INSERT INTO message_stats (tenant_id, slot, device_id, job_id, received) VALUES ($1, stats_slot(now()), 1, $2, 1)
       ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE SET received = message_stats.received + 1`,
      [tenantId, "00000000-0000-0000-0000-000000000000"],
    );
    processes[received % processes.length]?.moved([moved]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await vi.waitFor(() => expect(told.at(-1)?.received).toBe(received), { timeout: 6_000 });
  const gaps = told.slice(1).map(({ at }, n) => at - (told[n]?.at ?? 0));
  expect(told.length).toBeGreaterThan(1);
  expect(Math.min(...gaps)).toBeGreaterThan(900);
  for (const one of processes) await one.close();
  for (const bus of buses) await bus.close();
  await log.close();
  await db.close();
  await clone.drop();
});
