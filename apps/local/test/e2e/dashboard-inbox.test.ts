import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Visitor } from "./support/dashboard.ts";
import { Platform, until } from "./support/platform.ts";

let platform: Platform;
let visitor: Visitor;
const customer = "34555320001";

beforeAll(async () => {
  platform = await Platform.start({ workers: 1, devices: 1 });
  visitor = await Visitor.arrive(platform.url);
  await visitor.type("Clave de API o token JWT", platform.key);
  await visitor.press("button", "Entrar");
  await visitor.sees("No hay nada en marcha");
}, 120_000);
afterAll(async () => {
  await visitor?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function says(text: string): Promise<void> {
  const { items } = await platform.client.devices.list();
  await platform.sandbox.inbound(items[0]?.phone ?? "", customer, text);
}

describe("the inbox", () => {
  test("shows who writes as they write, and takes an answer to their phone", async () => {
    await visitor.open("/inbox");
    await visitor.sees("Todavía no ha escrito nadie");
    await says("¿Sigue en pie?");
    await visitor.sees(`+${customer}`);
    await visitor.sees("¿Sigue en pie?");

    await visitor.page.locator("app-conversation-list a.entry").click();
    await visitor.sees("Aquí empieza la conversación");
    // Seen: nothing waits any more, for anybody.
    await until(async () => {
      const { items } = await platform.client.conversations.list();
      return items[0]?.unread_count === 0;
    }, 10_000);
    await visitor.type("Escribe un mensaje", "Sí, a las cinco");
    await visitor.page.keyboard.press("Enter");
    await until(async () => {
      const arrivals = await platform.sandbox.arrivals();
      return arrivals.some(({ to, text }) => to === customer && text === "Sí, a las cinco");
    }, 20_000);
    // The ticks that everybody knows, in words for who does not see them.
    const ticked = 'app-chat-bubble.outbound app-message-ticks[title="Leído"]';
    await visitor.page.waitForSelector(ticked, { timeout: 20_000 });
    await says("Perfecto");
    await visitor.sees("Perfecto");
    expect(await visitor.seriousBarriers()).toEqual([]);
  });

  test("hands the conversation back to the bot, and closes it", async () => {
    const [open] = (await platform.client.conversations.list()).items;
    expect(open).toMatchObject({ handed_over: true, status: "open" });
    await visitor.press("button", "Devolver al bot");
    await visitor.sees("El bot vuelve a responder.");
    await visitor.press("button", "Cerrar");
    await visitor.sees("Conversación cerrada.");
    const now = await platform.client.conversations.get(open?.id ?? "");
    expect(now).toMatchObject({ handed_over: false, status: "closed" });
  });
});

describe("other pages", () => {
  test("have no serious barrier, empty or not, on a phone and in the dark", async () => {
    await visitor.page.setViewport({ width: 390, height: 844 });
    await visitor.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    const pages = {
      "/inbox": `+${customer}`,
      "/inbox/bot": "Horario de atención",
      "/schedules": "Todavía no hay programaciones",
      "/notifications": "Todavía no se avisó a nadie",
      "/webhooks": "Todavía no hay webhooks",
      "/jobs": "Trabajos",
    };
    for (const [path, text] of Object.entries(pages)) {
      await visitor.open(path);
      await visitor.sees(text);
      const found = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ path, wider: found }).toEqual({ path, wider: 0 });
      expect({ path, barriers: await visitor.seriousBarriers() }).toEqual({ path, barriers: [] });
    }
  }, 60_000);
});
