import type { Device } from "@pregonero/client";
import type { LocalEnv } from "../env.ts";
import type { Stack } from "../stack/open-stack.ts";
import { table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { DataFolder } from "./data-folder.ts";

export interface Welcome {
  readonly stack: Stack;
  readonly devices: readonly Device[];
  readonly env: LocalEnv;
  readonly folder: DataFolder;
  readonly terminal: Terminal;
}

/** What to open, the key to use, something to try, how to stop. */
export function welcome({ stack, devices, env, folder, terminal }: Welcome): string[] {
  const url = `http://localhost:${env.port}`;
  const keyless = env.auth === "open" ? "calls from this machine need none" : "every call needs it";
  const key = `${stack.admin.key}  (${keyless}; kept in ${folder.keyFile})`;
  const shown = devices.map(({ name, phone, state }) =>
    [`${name}${phone === null ? "" : ` +${phone}`}`, state].join(": "),
  );
  return [
    "",
    terminal.paint("bold", "Pregonero is running"),
    ...table([
      ["dashboard", url],
      ["API", `${url}/api/v1`],
      ["docs", `${url}/docs`],
      ["admin key", key],
      ...(stack.sandbox
        ? [["sandbox", `${stack.sandbox.url}  (stands in for WhatsApp; /control/ledger shows what arrived)`]]
        : []),
      ["devices", shown.length > 0 ? shown.join(", ") : "none yet"],
      ["SQL", stack.databaseUrl],
      ["logs", `${folder.dir}/logs`],
    ]),
    "",
    ...(stack.sandbox ? trySending(url, env) : tryLinking(url, env)),
    "",
    "Ctrl-C stops everything and keeps the data; `npm run reset` then forgets it.",
  ];
}

const authorization = ({ auth, dataDir }: LocalEnv): string =>
  auth === "open" ? "" : ` -H "authorization: Bearer $(cat ${dataDir}/admin-key)"`;

function trySending(url: string, env: LocalEnv): string[] {
  return [
    "Try:",
    `  curl${authorization(env)} ${url}/api/v1/campaigns -F name="My first campaign" \\`,
    `    -F body="Hola {{nombre}}, tu pedido {{pedido}} va en camino" -F file=@examples/recipients.csv`,
  ];
}

function tryLinking(url: string, env: LocalEnv): string[] {
  const call = `curl${authorization(env)} -H "content-type: application/json"`;
  return [
    "Link a phone:",
    `  ${call} ${url}/api/v1/devices -d '{"name": "my phone"}'`,
    `  ${call} ${url}/api/v1/devices/ID/link -d '{"method": "qr"}'`,
    "The QR appears here: scan it with WhatsApp on the phone, under Linked devices.",
  ];
}
