import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as WaJs from "@wppconnect/wa-js";
import type { Browser, BrowserContext, Page } from "puppeteer";

declare global {
  // What wa-js puts into the page; code inside `page.evaluate` uses it.
  var WPP: typeof WaJs;
  /** What the page has heard since `listen`. */
  var heard: Heard;
}

export interface Heard {
  acks: { readonly ack: number; readonly id: string; readonly chat: string }[];
  /** Also acks that `chat.msg_ack_change` does not tell: below 0. */
  changes: { readonly ack: number; readonly id: string }[];
  messages: {
    readonly id: string;
    readonly type: string;
    readonly body: string | null;
    readonly fromMe: boolean;
  }[];
  events: string[];
}

const bundle = readFileSync(createRequire(import.meta.url).resolve("@wppconnect/wa-js"), "utf8");

// Or wa-js calls an analytics host and foreign preview servers.
const configuration = "window.WPPConfig = { disableGoogleAnalytics: true, linkPreviewApiServers: [] };";

/** Everything that is said by the page, as plain strings and numbers. Runs after each load. */
function listen(): void {
  const heard: Heard = { acks: [], changes: [], messages: [], events: [] };
  globalThis.heard = heard;
  WPP.on("chat.msg_ack_change", ({ ack, ids, chat }) => {
    for (const id of ids) heard.acks.push({ ack, id: id.id, chat: String(chat) });
  });
  WPP.whatsapp.MsgStore.on("change:ack", (msg: { ack: number; id: { id: string } }) => {
    heard.changes.push({ ack: msg.ack, id: msg.id.id });
  });
  WPP.on("chat.new_message", (msg) => {
    const { id, type, body } = msg;
    heard.messages.push({ id: id.id, type: String(type), body: body ?? null, fromMe: id.fromMe });
  });
  WPP.on("conn.backend_event", (name) => heard.events.push(String(name)));
  for (const name of [
    "conn.authenticated",
    "conn.logout",
    "conn.require_auth",
    "conn.qrcode_idle",
  ] as const) {
    WPP.on(name, () => heard.events.push(name));
  }
  WPP.on("conn.online", (online: boolean) => heard.events.push(`conn.online:${online}`));
  WPP.on("conn.stream_mode_changed", (mode: string) => heard.events.push(`mode:${mode}`));
}

/** The page, with the real wa-js in it, ready to be asked. */
export async function openWaPage(owner: Browser | BrowserContext, url: string): Promise<WaPage> {
  const page = await owner.newPage();
  const waPage = new WaPage(page);
  await page.evaluateOnNewDocument(configuration);
  await page.evaluateOnNewDocument(bundle);
  await page.goto(url);
  await waPage.ready();
  return waPage;
}

export class WaPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async ready(): Promise<void> {
    await this.page.waitForFunction(() => globalThis.WPP?.isFullReady === true);
    await this.page.evaluate(listen);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** What a QR on the screen would hold; null when none is shown. */
  qr(): Promise<string | null> {
    return this.page.evaluate(async () => (await WPP.conn.getAuthCode())?.fullCode ?? null);
  }

  mode(): Promise<string> {
    return this.page.evaluate(() => WPP.conn.getStreamData().mode);
  }

  isAuthenticated(): Promise<boolean> {
    return this.page.evaluate(() => WPP.conn.isAuthenticated());
  }

  async waitForMode(mode: string): Promise<void> {
    await this.page.waitForFunction((wanted) => WPP.conn.getStreamData().mode === wanted, {}, mode);
  }

  async waitForLogin(): Promise<void> {
    await this.page.waitForFunction(
      () => WPP.conn.isAuthenticated() && WPP.conn.getStreamData().mode === "MAIN",
    );
  }

  heard(): Promise<Heard> {
    return this.page.evaluate(() => globalThis.heard);
  }

  async waitForAck(id: string, ack: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) =>
        globalThis.heard.changes.some((change) => change.id === wanted.id && change.ack === wanted.ack),
      {},
      { id, ack },
    );
  }

  /** Resolves with what wa-js resolves with. @param id the bare id that the message gets */
  send(to: string, text: string, id: string): Promise<{ id: string; ack: number; result: string | null }> {
    return this.page.evaluate(
      async (message) => {
        const { chat } = WPP;
        const key = `true_${message.to}@c.us_${message.id}`;
        const sent = await chat.sendTextMessage(`${message.to}@c.us`, message.text, {
          messageId: key,
          linkPreview: false,
        });
        return { id: sent.id, ack: sent.ack, result: sent.sendMsgResult?.messageSendResult ?? null };
      },
      { to, text, id },
    );
  }

  /** `pending` when the send has not settled after that time. */
  sendWithin(ms: number, to: string, text: string, id: string): Promise<string | null> {
    const timeout = new Promise<string>((resolve) => {
      setTimeout(resolve, ms, "pending");
    });
    return Promise.race([this.send(to, text, id).then(({ result }) => result), timeout]);
  }

  /** The ack that the page's store holds for an own message; `not found` or the error's code when it has none. */
  storedAck(to: string, id: string): Promise<number | string> {
    return this.page.evaluate(async (key) => {
      try {
        return (await WPP.chat.getMessageACK(key)).ack;
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    }, `true_${to}@c.us_${id}`);
  }

  exists(phone: string): Promise<string | null> {
    return this.page.evaluate(async (wid) => {
      const found = await WPP.contact.queryWidExists(wid);
      return found === null ? null : String(found.wid);
    }, `${phone}@c.us`);
  }
}
