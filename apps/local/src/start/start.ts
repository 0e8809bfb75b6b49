import { once } from "node:events";
import { PregoneroClient, type Device } from "@pregonero/client";
import { stackOwner } from "@pregonero/local-stack";
import { Closer } from "@pregonero/runtime";
import { CommandFailed } from "../failure.ts";
import type { Command, CommandContext } from "../command.ts";
import { host } from "../stack/apps.ts";
import { linkDevices, sandboxFleet } from "../stack/link-devices.ts";
import { openStack, type Stack, type StackPlan, type Stage } from "../stack/open-stack.ts";
import { Processes } from "../stack/processes.ts";
import { step } from "../terminal/step.ts";
import { credentialsKey, openDataFolder, sandboxPort, type DataFolder } from "./data-folder.ts";
import { isPortFree } from "./port.ts";
import { putSandboxDevicesAway } from "./sandbox-devices.ts";
import { showLinking } from "./show-linking.ts";
import { welcome } from "./welcome.ts";

const closeTimeoutMs = 60_000;

/** Leaves everything running on PORT until Ctrl-C, with its data in a folder that the next start goes on with. */
export const start: Command = async (context) => {
  const { env, terminal, signal } = context;
  await refuseTwice(context);
  const folder = await openDataFolder(env.dataDir);
  const closer = new Closer({ timeoutMs: closeTimeoutMs });
  const processes = new Processes(terminal, closer);
  try {
    const stage = { ...context, closer, processes };
    const stack = await openStack(await plan(context, folder), stage);
    const devices = await Promise.race([readyDevices(stack, stage), processes.failed]);
    showLinking(stack, devices, stage);
    for (const line of welcome({ stack, devices, env, folder, terminal })) terminal.say(line);
    if (!signal.aborted) await Promise.race([once(signal, "abort"), processes.failed]);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    for (const line of processes.lastWords()) terminal.say(`  ${line}`);
    terminal.say(`  Logs are in ${folder.dir}/logs`);
    throw error;
  } finally {
    await closer.close();
    if (signal.aborted) terminal.say("Everything has ended.");
  }
};

async function refuseTwice({ env }: CommandContext): Promise<void> {
  const owner = await stackOwner(env.dataDir);
  if (owner)
    throw new CommandFailed(`It is running already, as process ${owner.pid}. Stop that one with Ctrl-C.`);
  if (await isPortFree(env.port)) return;
  throw new CommandFailed(
    `Port ${env.port} is taken by another program. End that one, or choose another: PORT=${env.port + 1} npm start`,
  );
}

async function plan({ env }: CommandContext, folder: DataFolder): Promise<StackPlan> {
  const port = env.whatsAppUrl === null ? await sandboxPort(folder) : 0;
  return {
    dir: folder.dir,
    workers: env.workers,
    apiPort: env.port,
    auth: env.auth,
    keyFile: folder.keyFile,
    whatsApp:
      env.whatsAppUrl === null
        ? { kind: "sandbox", port, dataFile: folder.sandboxDataFile }
        : { kind: "url", url: env.whatsAppUrl },
    durable: true,
    env: env.stack,
    extraEnv: {
      CREDENTIALS_KEY: env.credentialsKey ?? (await credentialsKey(folder)),
      CLOUD_API_URL:
        env.cloudApiUrl ?? (env.whatsAppUrl === null ? `http://${host}:${port}/cloud` : undefined),
    },
    beforeWorkers: async (stack: Stack) => {
      if (stack.sandbox === null) await putSandboxDevicesAway(clientOf(stack));
    },
  };
}

const clientOf = (stack: Stack): PregoneroClient =>
  new PregoneroClient({ baseUrl: stack.apiUrl, token: stack.admin.key });

/** With a sandbox: two linked devices, so that every contract can be tried at once. Else what the user has linked. */
async function readyDevices(stack: Stack, { terminal, signal }: Stage): Promise<readonly Device[]> {
  const client = clientOf(stack);
  const { sandbox } = stack;
  if (sandbox === null) return (await client.devices.list({ limit: 1_000 })).items;
  const linking = { client, sandbox, signal, fleet: sandboxFleet, showQr: () => undefined };
  return step(terminal, "Two devices, linked to the sandbox", async () => linkDevices(linking));
}
