import { join } from "node:path";
import { PregoneroClient } from "@pregonero/client";
import { findChromium, freePort, projectRoot } from "@pregonero/local-stack";
import { Closer } from "@pregonero/runtime";
import puppeteer from "puppeteer";
import { WebSocket } from "ws";
import type { Command } from "../command.ts";
import { openTemporaryDir } from "../demo/temporary-dir.ts";
import { linkDevices, sandboxFleet } from "../stack/link-devices.ts";
import { openStack, type Stage } from "../stack/open-stack.ts";
import { Processes } from "../stack/processes.ts";
import { fillWithLife, type Life } from "./life.ts";

const closeTimeoutMs = 60_000;

/** Takes the pictures of the README from the running product, filled with made-up life. */
export const screenshots: Command = async (context) => {
  const closer = new Closer({ timeoutMs: closeTimeoutMs });
  const processes = new Processes(context.terminal, closer);
  try {
    const stage: Stage = { ...context, closer, processes };
    const plan = {
      dir: await openTemporaryDir(closer, false),
      workers: 2,
      apiPort: await freePort(),
      auth: "open",
      keyFile: null,
      whatsApp: { kind: "sandbox", port: await freePort(), dataFile: null },
      durable: false,
      env: { ...context.env.stack, databaseUrl: undefined, redisUrl: undefined },
      extraEnv: {},
    } as const;
    const stack = await openStack(plan, stage);
    const { sandbox } = stack;
    if (sandbox === null) throw new Error("the plan has a sandbox");
    const client = new PregoneroClient({ baseUrl: stack.apiUrl, token: stack.admin.key, WebSocket });
    const { signal } = context;
    await linkDevices({ client, sandbox, signal, fleet: sandboxFleet, showQr: () => undefined });
    const life = await fillWithLife(client, sandbox);
    await takeAll(stack.apiUrl, life, (line) => context.terminal.say(line));
    return 0;
  } finally {
    await closer.close();
  }
};

interface Shot {
  readonly name: string;
  readonly path: (life: Life) => string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

const shots: readonly Shot[] = [
  { name: "campaign", path: ({ running }) => `/campaigns/${running}` },
  { name: "overview", path: () => "/" },
  { name: "inbox", path: ({ conversation }) => `/inbox/${conversation}` },
  { name: "fleet-dark", path: () => "/fleet", dark: true },
  { name: "phone", path: ({ running }) => `/campaigns/${running}`, width: 390, height: 800 },
];

/** Until figures have come and moved a little, ms. */
const settleMs = 3_000;

async function takeAll(url: string, life: Life, say: (line: string) => void): Promise<void> {
  const browser = await puppeteer.launch({
    executablePath: await findChromium(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage();
    for (const { name, path, width = 1_280, height = 800, dark = false } of shots) {
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
      await page.goto(url + path(life), { waitUntil: "load" });
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      const file = join(projectRoot, "docs/images", `${name}.png`);
      await page.screenshot({ path: file });
      say(`  docs/images/${name}.png`);
    }
  } finally {
    await browser.close();
  }
}
