import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ElementHandle } from "puppeteer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Visitor } from "./support/dashboard.ts";
import { Platform, until } from "./support/platform.ts";
import { numbers } from "./support/recipients.ts";

let platform: Platform;
let visitor: Visitor;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pregonero-dashboard-"));
  platform = await Platform.start({ workers: 2, devices: 1 });
  visitor = await Visitor.arrive(platform.url);
}, 120_000);
afterAll(async () => {
  await visitor?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Of the wire, for all of the first page: its scripts and styles, its font, its chart and what it asks of the API. */
const firstPageBytes = 350_000;

describe("the dashboard", () => {
  test("asks for a key, says what is wrong with a bad one, and lets in who has a good one", async () => {
    await visitor.sees("Clave de API");
    expect(await visitor.seriousBarriers()).toEqual([]);
    await visitor.type("Clave de API o token JWT", "pgn_wrong");
    await visitor.press("button", "Entrar");
    await visitor.sees("La clave no es válida");
    await visitor.type("Clave de API o token JWT", platform.key);
    await visitor.press("button", "Entrar");
    await visitor.sees("No hay nada en marcha");
  });

  test("loads its first page within the budget: all that is sent, headers too, and from here alone", async () => {
    const session = await visitor.page.createCDPSession();
    const hosts = new Set<string>();
    let bytes = 0;
    session.on("Network.requestWillBeSent", ({ request }) => hosts.add(new URL(request.url).host));
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await visitor.page.reload({ waitUntil: "load" });
    await visitor.sees("Mensajes por minuto");
    // The chart comes last, once the page has nothing else to do.
    await visitor.page.waitForSelector("app-throughput-chart canvas");
    await visitor.page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
    await session.detach();
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(firstPageBytes);
    expect([...hosts]).toEqual([new URL(platform.url).host]);
  });

  test("links a phone by the QR that it shows", async () => {
    await visitor.open("/devices");
    await visitor.press("button", "Añadir dispositivo");
    await visitor.type("Nombre", "ventas");
    await visitor.press("button", "Crear");
    await visitor.sees("Vincular ventas");
    await visitor.page.waitForSelector('img[alt^="Código QR"]', { timeout: 30_000 });
    const device = (await platform.client.devices.list()).items.find(({ name }) => name === "ventas");
    await until(async () => {
      const { code } = await platform.client.devices.qr(device?.id ?? 0);
      return await platform.sandbox.scan(code, "34555710099");
    }, 20_000);
    await visitor.sees("Conectado como +34555710099", 30_000);
    expect(await visitor.seriousBarriers()).toEqual([]);
    await visitor.press("button", "Cerrar");
  });

  test("takes a campaign from a CSV to its end, live, and tells which rows will not do", async () => {
    await platform.sandbox.delay(90, 140);
    const phones = numbers(120, 34_555_300_001);
    const rows = phones.map((phone, n) => `Persona ${n};+${phone}`);
    const csv = join(folder, "clientes.csv");
    await writeFile(csv, `Nombre;Teléfono\n${rows.join("\n")}\nRepetida;+${phones[0]}\nMala;123\n`);
    await visitor.open("/campaigns/new");
    const picker = (await visitor.page.waitForSelector(
      "input[type=file]",
    )) as ElementHandle<HTMLInputElement>;
    await picker.uploadFile(csv);
    await visitor.sees("Filas rechazadas");
    const audience = await visitor.text();
    expect(audience).toContain("Línea 122");
    expect(audience).toContain("Repetido");
    expect(audience).toContain("Número no válido");
    expect(await visitor.seriousBarriers()).toEqual([]);
    await visitor.press("button", "Continuar");
    await visitor.type("Texto del mensaje", "Hola {{nombre}}, ya llegó");
    await visitor.sees("Hola Persona 0, ya llegó");
    await visitor.press("button", "Continuar");
    await visitor.sees("Desde qué números");
    await visitor.press("button", "Continuar");
    // What it may be tried with comes last, and moves the button.
    await visitor.sees("Desde el dispositivo");
    await visitor.page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
    await visitor.press("button", "Lanzar la campaña");
    await visitor.sees("Ahora mismo");
    await visitor.sees("Enviando");
    await visitor.sees("Terminada", 60_000);
    await visitor.sees("120 de 120");
    expect(await visitor.seriousBarriers()).toEqual([]);
    const arrived = await platform.arrivals();
    expect(phones.filter((phone) => arrived.get(phone) !== 1)).toEqual([]);
  }, 120_000);

  test("says that the live connection is lost, comes back and catches up with what went on", async () => {
    await platform.sandbox.delay(60, 90);
    const recipients = numbers(400, 34_555_400_001).map((phone) => ({ phone }));
    const { campaign, job } = await platform.client.campaigns.create({
      name: "larga",
      body: "Hola",
      recipients,
    });
    await visitor.open(`/campaigns/${campaign.id}`);
    await visitor.sees("En vivo");
    platform.api.kill("SIGKILL");
    await platform.api.exited;
    await visitor.sees("Reconectando");
    await platform.startApi();
    await visitor.sees("En vivo", 40_000);
    await until(async () => (await platform.client.jobs.get(job.id)).status === "completed", 60_000);
    await visitor.sees("400 de 400");
    await visitor.sees("Terminada");
  }, 120_000);

  describe("after a worker went without a word", () => {
    beforeAll(async () => {
      await platform.killWorker(0);
    });

    test("has no serious barrier on its main pages, in either language and theme", async () => {
      await visitor.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      await visitor.page.evaluate(() => localStorage.setItem("pregonero.language", "en"));
      const pages = {
        "/": "Messages per minute",
        "/campaigns": "larga",
        "/jobs": "Campaign",
        "/inbox": "Inbox",
        "/templates": "No templates yet",
        "/suppressions": "Nobody is on the list",
        "/devices": "ventas",
        "/fleet": "worker-1",
        "/api-keys": "admin",
        "/audit": "campaign.create",
      };
      for (const [path, text] of Object.entries(pages)) {
        await visitor.open(path);
        await visitor.sees(text);
        expect({ path, barriers: await visitor.seriousBarriers() }).toEqual({ path, barriers: [] });
      }
    }, 60_000);

    test("shows which one is gone", async () => {
      await visitor.open("/fleet");
      await visitor.sees("Lost", 45_000);
      expect((await visitor.text()).match(/\bLost\b/g)).toHaveLength(1);
      expect(await visitor.seriousBarriers()).toEqual([]);
    }, 60_000);
  });
});
