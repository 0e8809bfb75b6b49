import { randomBytes, randomUUID } from "node:crypto";
import type { Page } from "puppeteer";
import { type BrowserContextHandle, BrowserFleet } from "../../src/browser/browser-fleet.ts";
import type { ContextReporter } from "../../src/browser/context-reporter.ts";
import type { OutgoingMessage } from "../../src/channels/channel.ts";
import type { WhatsAppWebTimeouts } from "../../src/channels/whatsapp-web/timeouts.ts";
import { WhatsAppWebChannel } from "../../src/channels/whatsapp-web/whatsapp-web-channel.ts";
import { chromiumPath } from "../browser/chromium.ts";
import { fleetOptions, quietLog, temporarySessions, until } from "../browser/fleet-harness.ts";
import { recordingListener } from "./recording-listener.ts";
import type { Sandbox } from "./sandbox.ts";

let lastPhone = 34_600_000_000;

/** A number that no other test uses: accounts and recipients of all tests meet in one network. */
export function freshPhone(): string {
  lastPhone += 7;
  const phone = String(lastPhone + (process.pid % 1_000) * 100_000);
  // Numbers that end so are not on WhatsApp.
  return phone.endsWith("0000") ? freshPhone() : phone;
}

/** A provider message id as the worker makes them. */
export function freshId(): string {
  return `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
}

export function outgoing(to: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId: randomUUID(),
    providerMessageId: freshId(),
    to,
    content: { kind: "text", text: "hola" },
    notAfterMs: performance.now() + 20_000,
    ...more,
  };
}

export interface Device extends AsyncDisposable {
  readonly channel: WhatsAppWebChannel;
  readonly phone: string;
  readonly heard: string[];
  readonly codes: string[];
  readonly statuses: string[];
  readonly pids: number[];
  readonly sessionsDir: string;
  readonly fleet: BrowserFleet;
  /** The pages that were opened, the present one last. */
  readonly pages: Page[];
  /** Every host that a page has asked for something. */
  readonly hosts: Set<string>;
  /** Resolves when a line that begins so was heard. */
  hears(beginning: string): Promise<void>;
}

/** A channel with a fleet of its own, not connected. Disposing of it closes everything and looks for left-overs. */
export async function newDevice(
  { url }: { readonly url: string },
  timeouts: Partial<WhatsAppWebTimeouts> = {},
): Promise<Device> {
  const sessions = await temporarySessions();
  const statuses: string[] = [];
  const pids: number[] = [];
  const reporter: ContextReporter = {
    opened: ({ pid }) => pids.push(pid ?? Number.NaN),
    status: (_, status) => statuses.push(status),
  };
  const fleet = await BrowserFleet.launch(fleetOptions(chromiumPath(), sessions.dir, { reporter }));
  const { listener, heard, codes } = recordingListener();
  const pages: Page[] = [];
  const hosts = new Set<string>();
  const open = async (deviceId: number, signal: AbortSignal): Promise<BrowserContextHandle> => {
    const context = await fleet.open(deviceId, signal);
    pages.push(context.page);
    context.page.on("request", (request) => hosts.add(new URL(request.url()).host));
    return context;
  };
  const channel = new WhatsAppWebChannel({
    fleet: { open },
    deviceId: 1,
    url,
    listener,
    openFile: async () => null,
    maxMediaBytes: 1_000_000,
    timeouts,
    log: quietLog,
  });
  return {
    channel,
    phone: freshPhone(),
    heard,
    codes,
    statuses,
    pids,
    sessionsDir: sessions.dir,
    fleet,
    pages,
    hosts,
    hears: (beginning) => until(() => heard.some((line) => line.startsWith(beginning))),
    [Symbol.asyncDispose]: async () => {
      await channel.disconnect();
      await fleet.close();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

/** A device that is linked and connected. */
export async function connectedDevice(
  sandbox: Sandbox,
  timeouts: Partial<WhatsAppWebTimeouts> = {},
): Promise<Device> {
  const device = await newDevice(sandbox, timeouts);
  await device.channel.connect(new AbortController().signal);
  await link(device, sandbox);
  return device;
}

/** Scans the code that the device shows; one that rotates away meanwhile is no loss, the next one comes. */
export async function link(device: Device, sandbox: Sandbox): Promise<void> {
  const tried = new Set<string>();
  await until(async () => {
    const code = device.codes.at(-1);
    if (code !== undefined && !tried.has(code)) {
      tried.add(code);
      await sandbox.scan(code, device.phone).catch(() => undefined);
    }
    return device.channel.state === "connected";
  });
}
