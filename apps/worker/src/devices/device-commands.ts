import { finishCommand, takeCommands, type Database, type DeviceCommandRow } from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import { z } from "zod";
import type { DeviceRuntime } from "./device-runtime.ts";

const pairingParams = z.object({ phone: z.string() });
const readParams = z.object({ phone: z.string(), providerMessageId: z.string() });
const statusParams = z.object({ status: z.enum(["available", "disconnected", "error", "closed"]) });

export interface DeviceCommandsOptions {
  readonly db: Database;
  readonly runtimes: () => readonly DeviceRuntime[];
  readonly log: Logger;
}

/** Carries out what the API asked of devices of this worker; the row is the request and the answer. */
export class DeviceCommands {
  readonly #options: DeviceCommandsOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: DeviceCommandsOptions) {
    this.#options = options;
  }

  /** Takes what waits and starts it; returns before it is done. */
  async look(): Promise<void> {
    const { db, runtimes } = this.#options;
    const byId = new Map(runtimes().map((runtime) => [runtime.deviceId, runtime]));
    for (const command of await takeCommands(db, [...byId.keys()])) {
      const runtime = byId.get(command.deviceId);
      if (!runtime) continue;
      const done = this.#carryOut(command, runtime).finally(() => this.#running.delete(done));
      this.#running.add(done);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #carryOut(command: DeviceCommandRow, runtime: DeviceRuntime): Promise<void> {
    const { db, log } = this.#options;
    try {
      await finishCommand(db, command.id, { result: await execute(command, runtime) });
    } catch (error) {
      log.warn("a command failed", { command: command.kind, device: command.deviceId, error });
      const reason = error instanceof Error ? error.message : String(error);
      await finishCommand(db, command.id, { error: reason }).catch(() => undefined);
    }
  }
}

async function execute(command: DeviceCommandRow, runtime: DeviceRuntime): Promise<object> {
  switch (command.kind) {
    case "pairing_code":
      return { code: await runtime.pairingCode(pairingParams.parse(command.params).phone) };
    case "logout":
      await runtime.logout();
      return {};
    case "restart_context":
      runtime.restart();
      return {};
    case "close_context":
      await runtime.release();
      return {};
    case "mark_read": {
      const { phone, providerMessageId } = readParams.parse(command.params);
      await runtime.markRead(phone, providerMessageId);
      return {};
    }
    case "set_context_status":
      return await setStatus(runtime, statusParams.parse(command.params).status);
  }
}

/** An admin's word on a context: `available` brings it back, `disconnected` and `error` put it aside, `closed` ends it. */
async function setStatus(
  runtime: DeviceRuntime,
  status: z.infer<typeof statusParams>["status"],
): Promise<object> {
  switch (status) {
    case "available":
      await runtime.setAside(false, null);
      return {};
    case "disconnected":
    case "error":
      await runtime.setAside(true, `set to ${status} by an admin`);
      return {};
    case "closed":
      await runtime.release();
      return {};
  }
}
