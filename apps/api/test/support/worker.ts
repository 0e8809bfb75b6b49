import { finishCommand, takeCommands, type DeviceCommandRow } from "@pregonero/db";
import { randomUUID } from "node:crypto";
import { vi } from "vitest";
import type { TestApi } from "./api.ts";

/** Makes the books say that a worker holds the device for the next minute. @returns the worker's id */
export async function holdDevice(api: TestApi, deviceId: number): Promise<string> {
  const id = randomUUID();
  await api.db.pool.query(
    `INSERT INTO workers (id, name, host, pid, version, status, slots) VALUES ($1, 'worker-1', 'here', 1, '0', 'available', 10)`,
    [id],
  );
  await api.db.pool.query(
    `UPDATE devices SET lease_worker_id = $2, lease_epoch = lease_epoch + 1, wanted = true,
       lease_expires_at = now() + interval '1 minute' WHERE id = $1`,
    [deviceId, id],
  );
  return id;
}

/** Opens a context in the books. */
export async function openContextOf(
  api: TestApi,
  deviceId: number,
  workerId: string = randomUUID(),
): Promise<string> {
  const browserSystemId = randomUUID();
  await api.db.pool.query(
    `INSERT INTO browser_context (id, browser_system_id, device_id, worker_id, status, pid)
     VALUES (gen_random_uuid(), $1, $2, $3, 'available', 4711)`,
    [browserSystemId, deviceId, workerId],
  );
  return browserSystemId;
}

/** Does for one command what the worker that holds the device does: takes it and answers. */
export async function answerCommand(
  api: TestApi,
  deviceId: number,
  answer: { result: object } | { error: string },
): Promise<DeviceCommandRow> {
  const [command] = await vi.waitFor(async () => {
    const taken = await takeCommands(api.db, [deviceId]);
    if (taken.length === 0) throw new Error("no command yet");
    return taken;
  });
  if (!command) throw new Error("no command");
  await finishCommand(api.db, command.id, answer);
  return command;
}
