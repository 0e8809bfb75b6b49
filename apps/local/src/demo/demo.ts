import { PregoneroClient } from "@pregonero/client";
import { freePort } from "@pregonero/local-stack";
import { Closer } from "@pregonero/runtime";
import { WebSocket } from "ws";
import { CommandFailed } from "../failure.ts";
import type { Command, CommandContext } from "../command.ts";
import { linkDevices, sandboxFleet } from "../stack/link-devices.ts";
import { openStack, type Stack, type StackPlan, type Stage } from "../stack/open-stack.ts";
import { Processes } from "../stack/processes.ts";
import { showQr } from "../stack/show-qr.ts";
import { seconds } from "../terminal/seconds.ts";
import { runCampaign } from "./campaign.ts";
import { optOut, recipientsFile } from "./example.ts";
import { checkResult, readResult } from "./result.ts";
import { summaryLines } from "./summary.ts";
import { openTemporaryDir } from "./temporary-dir.ts";

const closeTimeoutMs = 60_000;

/**
 * Sets a stack up in a temporary folder, sends a campaign from a CSV file, shows it live, compares what was said to be
 * sent with what arrived, and leaves nothing behind. `--keep` leaves the folder, `--all` lists every number.
 */
export const demo: Command = async (context, args) => {
  const { terminal } = context;
  const beganMs = performance.now();
  const closer = new Closer({ timeoutMs: closeTimeoutMs });
  const processes = new Processes(terminal, closer);
  try {
    const dir = await openTemporaryDir(closer, args.includes("--keep"));
    terminal.say(terminal.paint("bold", "Pregonero: a campaign from beginning to end, on this machine"));
    terminal.say();
    const stage: Stage = { ...context, closer, processes };
    const stack = await openStack(await plan(dir, context), stage);
    const agrees = await Promise.race([present(stack, stage, args.includes("--all")), processes.failed]);
    terminal.say();
    terminal.say(
      `All of it took ${seconds(performance.now() - beganMs)}. \`npm start\` leaves the same running.`,
    );
    if (args.includes("--keep")) terminal.say(`Logs and data are in ${dir}`);
    return agrees ? 0 : 1;
  } catch (error) {
    if (!context.signal.aborted) for (const line of processes.lastWords()) terminal.say(`  ${line}`);
    throw error;
  } finally {
    await closer.close();
  }
};

async function plan(dir: string, { env }: CommandContext): Promise<StackPlan> {
  return {
    dir,
    workers: 2,
    apiPort: await freePort(),
    auth: "required",
    keyFile: null,
    whatsApp: { kind: "sandbox", port: await freePort(), dataFile: null },
    durable: false,
    // Its own, whatever is configured: a demonstration must not write into anybody's database.
    env: { ...env.stack, databaseUrl: undefined, redisUrl: undefined },
    // The example means its numbers as they stand.
    extraEnv: { DEFAULT_COUNTRY: undefined, REDIS_PREFIX: undefined },
  };
}

/** @returns whether everything agrees */
async function present(stack: Stack, stage: Stage, all: boolean): Promise<boolean> {
  const { terminal, signal } = stage;
  const { sandbox } = stack;
  if (sandbox === null) throw new CommandFailed("The demonstration needs its sandbox.");
  const client = new PregoneroClient({ baseUrl: stack.apiUrl, token: stack.admin.key, WebSocket });
  // Phones are not as fast as this machine: without a delay there is nothing to see.
  await sandbox.delay(20, 80);

  terminal.say();
  terminal.say(
    "Linking two WhatsApp Web devices. With a real phone you would scan these; here the sandbox does.",
  );
  const linking = {
    client,
    sandbox,
    signal,
    fleet: sandboxFleet,
    showQr: (name: string, code: string) => showQr(terminal, name, code),
  };
  const devices = await linkDevices(linking);
  for (const device of devices) {
    terminal.say(`${terminal.paint("green", "✓")} ${device.name} is connected as +${device.phone ?? "?"}`);
  }
  terminal.say();
  for (const phone of optOut) await client.suppressions.add({ phone, reason: "asked not to be written to" });
  terminal.say(
    `${optOut.length} numbers of the list asked not to be written to: they are on the suppression list.`,
  );
  const created = await runCampaign(client, stage, await recipientsFile());
  const result = await readResult(client, sandbox, created);
  const checks = checkResult(result);
  for (const line of summaryLines(result, checks, { terminal, all })) terminal.say(line);
  return checks.every((check) => check.holds);
}
