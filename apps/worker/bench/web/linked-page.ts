import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "@pregonero/local-stack";
import type { Page } from "puppeteer";
import { type BrowserContextHandle, BrowserFleet } from "../../src/browser/browser-fleet.ts";
import { WhatsAppWebChannel } from "../../src/channels/whatsapp-web/whatsapp-web-channel.ts";
import { fleetOptions, quietLog, until } from "../../test/browser/fleet-harness.ts";
import { recordingListener } from "../../test/whatsapp-web/recording-listener.ts";
import type { Sandbox } from "../../test/whatsapp-web/sandbox.ts";

export interface LinkedPage extends AsyncDisposable {
  readonly channel: WhatsAppWebChannel;
  readonly page: Page;
}

/** A channel that is linked to an account of the sandbox, and its page. */
export async function openLinkedPage(sandbox: Sandbox): Promise<LinkedPage> {
  const sessionsDir = await mkdtemp(join(tmpdir(), "pregonero-sessions-"));
  const fleet = await BrowserFleet.launch(fleetOptions(await findChromium(), sessionsDir));
  const pages: Page[] = [];
  const open = async (deviceId: number, signal: AbortSignal): Promise<BrowserContextHandle> => {
    const context = await fleet.open(deviceId, signal);
    pages.push(context.page);
    return context;
  };
  const { listener, codes } = recordingListener();
  const { url } = sandbox;
  const channel = new WhatsAppWebChannel({
    fleet: { open },
    deviceId: 1,
    url,
    listener,
    openFile: async () => null,
    maxMediaBytes: 0,
    log: quietLog,
  });
  await channel.connect(new AbortController().signal);
  await sandbox.scan(codes.at(-1) ?? "", "34910000001");
  await until(() => channel.state === "connected");
  const [page] = pages;
  if (page === undefined) throw new Error("no page was opened");
  const close = async (): Promise<void> => {
    await channel.disconnect();
    await fleet.close();
    await rm(sessionsDir, { recursive: true, force: true });
  };
  return { channel, page, [Symbol.asyncDispose]: close };
}
