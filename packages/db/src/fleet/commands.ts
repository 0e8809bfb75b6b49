import type { Database } from "../database.ts";

export type DeviceCommandKind =
  | "pairing_code"
  | "logout"
  | "restart_context"
  | "close_context"
  | "set_context_status"
  | "mark_read";

export interface DeviceCommandRow {
  readonly id: string;
  readonly deviceId: number;
  readonly kind: DeviceCommandKind;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Takes the commands that wait for these devices, oldest first; taken ones are `running`. */
export async function takeCommands(db: Database, deviceIds: readonly number[]): Promise<DeviceCommandRow[]> {
  if (deviceIds.length === 0) return [];
  const { rows } = await db.pool.query<DeviceCommandRow>({
    name: "take_commands",
    text: `WITH taken AS (
        UPDATE device_commands SET status = 'running'
        WHERE id IN (SELECT id FROM device_commands WHERE device_id = ANY ($1) AND status = 'waiting'
          ORDER BY created_at FOR UPDATE SKIP LOCKED)
        RETURNING id, device_id AS "deviceId", kind, params, created_at)
      SELECT id, "deviceId", kind, params FROM taken ORDER BY created_at`,
    values: [deviceIds],
  });
  return rows;
}

export async function finishCommand(
  db: Database,
  id: string,
  outcome: { result: object } | { error: string },
): Promise<void> {
  const failed = "error" in outcome;
  await db.pool.query(
    `UPDATE device_commands SET status = $2::device_command_status, result = $3, error = $4,
       finished_at = clock_timestamp() WHERE id = $1`,
    [
      id,
      failed ? "failed" : "done",
      failed ? null : JSON.stringify(outcome.result),
      failed ? outcome.error : null,
    ],
  );
}

/** Commands that nobody answered in time (no worker held the device, or it died) fail, so that callers stop waiting. */
export async function expireCommands(db: Database, olderThanMs: number): Promise<void> {
  await db.pool.query(
    `UPDATE device_commands SET status = 'failed', error = 'no worker answered in time', finished_at = clock_timestamp()
     WHERE status IN ('waiting', 'running') AND created_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [olderThanMs],
  );
}
