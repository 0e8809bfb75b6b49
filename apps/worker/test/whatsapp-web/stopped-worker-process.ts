import { createInterface } from "node:readline";
import type { Page } from "puppeteer";
import { type BrowserContextHandle, BrowserFleet } from "../../src/browser/browser-fleet.ts";
import { WhatsAppWebChannel } from "../../src/channels/whatsapp-web/whatsapp-web-channel.ts";
import { fleetOptions, quietLog } from "../browser/fleet-harness.ts";
import { holdUp } from "./hold-up.ts";

/*
 * A worker that is told what to do line by line: `node stopped-worker-process.ts CHROMIUM SESSIONS_DIR URL`. Prints
 * the QR and then "connected". For a line `NUMBER ID MS HELD` it sends to the number, to be begun within MS, while the
 * page is held up for HELD ms, and prints the outcome.
 */
const [chromium = "", sessionsDir = "", url = ""] = process.argv.slice(2);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const fleet = await BrowserFleet.launch(fleetOptions(chromium, sessionsDir));
let page: Page | undefined;
const open = async (deviceId: number, signal: AbortSignal): Promise<BrowserContextHandle> => {
  const context = await fleet.open(deviceId, signal);
  page = context.page;
  return context;
};
const channel = new WhatsAppWebChannel({
  fleet: { open },
  deviceId: 1,
  url,
  openFile: async () => null,
  maxMediaBytes: 0,
  log: quietLog,
  listener: {
    stateChanged: print,
    identified: () => undefined,
    qr: (code) => print(`qr ${code}`),
    ack: () => undefined,
    inbound: () => undefined,
    alert: () => undefined,
  },
});
await channel.connect(new AbortController().signal);
for await (const line of createInterface({ input: process.stdin })) {
  const [to = "", providerMessageId = "", ms, heldMs] = line.split(" ");
  void page?.evaluate(holdUp, Number(heldMs));
  const notAfterMs = performance.now() + Number(ms);
  print("sending");
  const content = { kind: "text", text: "hola" } as const;
  const outcome = await channel.send({ messageId: "1", providerMessageId, to, content, notAfterMs });
  print(JSON.stringify(outcome));
}
await channel.disconnect();
await fleet.close();
