import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { startProcess } from "@pregonero/local-stack";
import { Pool } from "undici";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    connections: { type: "string", default: "500" },
    "latency-ms": { type: "string", default: "200" },
    webhooks: { type: "boolean", default: false },
  },
});
const messages = Number(values.messages);
const connections = Number(values.connections);
const readyLine = /^sandbox ready on (http:\/\/127\.0\.0\.1:\d+)$/m;

interface Told {
  readonly entry: readonly {
    readonly changes: readonly { readonly value: { readonly statuses?: readonly unknown[] } }[];
  }[];
}

/** Counts the statuses that it is told. */
async function openReceiver() {
  let statuses = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { entry }: Told = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      statuses += entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses ?? [])).length;
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, statuses: () => statuses, close: () => server.close() };
}

/** Seconds that a process has kept a core busy: says what a busy machine's clock does not. */
function cpuSeconds(pid: number): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

async function control(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/control${path}`, { method, headers, ...init });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

async function sendAll(pool: Pool): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < messages; n = next++) {
      const startedAt = performance.now();
      const { statusCode, body } = await pool.request({
        method: "POST",
        path: "/cloud/v24.0/1001/messages",
        headers: { authorization: "Bearer token", "content-type": "application/json" },
        body: JSON.stringify({
          messaging_product: "whatsapp",
          recipient_type: "individual",
          to: String(34_611_000_001 + n * 3),
          type: "text",
          text: { preview_url: false, body: `Hello number ${n}` },
          biz_opaque_callback_data: `message-${n}`,
        }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`message ${n}: ${statusCode}`);
      tookMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return tookMs.toSorted((a, b) => a - b);
}

const sandbox = await startProcess({
  name: "sandbox",
  entry: "apps/sandbox",
  env: {},
  ready: { line: readyLine },
});
const receiver = await openReceiver();
const url = readyLine.exec(sandbox.output())?.[1] ?? "";
const pool = new Pool(url, { connections });
try {
  const webhook = values.webhooks ? { webhook_url: receiver.url } : {};
  await control(url, "PUT", "/cloud/accounts/1001", {
    phone: "34600000001",
    access_token: "token",
    app_secret: "secret",
    verify_token: "verify",
    ...webhook,
  });
  await control(url, "PUT", "/faults", {
    unregistered: [],
    cloud: { latency_ms: Number(values["latency-ms"]) },
  });
  const cpuBefore = cpuSeconds(sandbox.pid);
  const startedAt = performance.now();
  const tookMs = await sendAll(pool);
  const seconds = (performance.now() - startedAt) / 1_000;
  const at = (share: number): string =>
    `${(tookMs[Math.floor(share * (tookMs.length - 1))] ?? 0).toFixed(0)} ms`;
  console.log(
    `${messages} messages over ${connections} connections in ${seconds.toFixed(2)} s: ` +
      `${(messages / seconds).toFixed(0)}/s, p50 ${at(0.5)}, p99 ${at(0.99)}`,
  );
  const told = (): void => {
    const cpu = cpuSeconds(sandbox.pid) - cpuBefore;
    console.log(`the sandbox used ${cpu.toFixed(2)} s of a core: at most ${(messages / cpu).toFixed(0)}/s`);
  };
  told();
  console.log("ledger", JSON.stringify(await control(url, "GET", "/ledger/summary")).slice(0, 200));
  if (values.webhooks) {
    while (receiver.statuses() < messages * 3) await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(
      `all ${receiver.statuses()} statuses told after ${((performance.now() - startedAt) / 1_000).toFixed(2)} s`,
    );
    told();
  }
} finally {
  await pool.close();
  receiver.close();
  await sandbox.close();
}
