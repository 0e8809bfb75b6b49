import type { DeviceCommand } from "@pregonero/contracts";
import type { DeviceCommandKind } from "../fleet/commands.ts";
import { toJson } from "./rows.ts";
import type { Queryable } from "./transaction.ts";
import { uuidv7 } from "./uuid.ts";

/** Asks something of the worker that holds the device. @returns the command's id */
export async function createCommand(
  tx: Queryable,
  command: { deviceId: number; kind: DeviceCommandKind; params?: Readonly<Record<string, unknown>> },
): Promise<string> {
  const id = uuidv7();
  await tx.query("INSERT INTO device_commands (id, device_id, kind, params) VALUES ($1, $2, $3, $4)", [
    id,
    command.deviceId,
    command.kind,
    JSON.stringify(command.params ?? {}),
  ]);
  return id;
}

/** A command and what the worker answered, `null` before it did. */
export interface CommandState {
  readonly command: DeviceCommand;
  readonly result: unknown;
}

export async function findCommand(db: Queryable, id: string): Promise<CommandState | null> {
  const { rows } = await db.query<object & { result: unknown }>(
    "SELECT id, device_id, kind, status, error, created_at, finished_at, result FROM device_commands WHERE id = $1",
    [id],
  );
  if (!rows[0]) return null;
  const { result, ...command } = rows[0];
  return { command: toJson<DeviceCommand>(command), result };
}

/** Gives a command up that no worker has taken yet: whoever asked does not wait any more. */
export async function abandonCommand(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE device_commands SET status = 'failed', error = 'the caller stopped waiting', finished_at = clock_timestamp()
     WHERE id = $1 AND status = 'waiting'`,
    [id],
  );
}
