import type { DeviceCredentialsSaved } from "@pregonero/contracts";
import type { Database } from "@pregonero/db";
import { makeJob } from "@pregonero/db/testing";
import { createHmac } from "node:crypto";
import { cloudCredentials } from "../credentials/provider.ts";
import type { Answer, TestApi } from "../support/api.ts";

export interface ReportingDevice {
  readonly id: number;
  readonly webhookPath: string;
}

export async function makeReportingDevice(
  app: TestApi,
  kind: "whatsapp_cloud" | "wablas",
  options: { key?: string; phoneNumberId?: string; name?: string } = {},
): Promise<ReportingDevice> {
  const key = options.key ?? app.keys.admin;
  const name = options.name ?? `${kind} ${options.phoneNumberId ?? ""}`;
  const made = await app.call<{ id: number }>("POST", "/api/v1/devices", { json: { name, kind }, key });
  const json =
    kind === "wablas"
      ? { kind, host: "http://127.0.0.1:9", token: "tok", secret_key: "sec" }
      : { ...cloudCredentials, phone_number_id: options.phoneNumberId ?? "1001" };
  const path = `/api/v1/devices/${made.body.id}/credentials?test=false`;
  const saved = await app.call<DeviceCredentialsSaved>("PUT", path, { json, key });
  return { id: made.body.id, webhookPath: saved.body.webhook_path };
}

export interface SentJob {
  readonly jobId: string;
  /** Our ids, by which the provider reports. */
  readonly ids: readonly string[];
}

/** A job whose messages are all in this state, as a worker leaves them. */
export async function makeSentJob(
  db: Database,
  given: { tenantId: number; deviceId: number; messages: number; state?: "sending" | "sent" },
): Promise<SentJob> {
  const { tenantId, deviceId, messages, state = "sent" } = given;
  const jobId = await makeJob(db, { tenantId, messages, devices: [deviceId] });
  const { rows } = await db.pool.query<{ id: string }>(
    `UPDATE messages SET state = 'sending', attempts = 1, device_id = $2, claim_epoch = 1,
       provider_message_id = gen_random_uuid()::text, send_by = now() + interval '1 minute', claimed_at = now()
     WHERE job_id = $1 RETURNING provider_message_id AS id`,
    [jobId, deviceId],
  );
  await db.pool.query(
    "UPDATE send_messages_jobs SET sending = $2, next_seq = $2, status = 'running' WHERE id = $1",
    [jobId, messages],
  );
  const ids = rows.map(({ id }) => id);
  if (state === "sent") await sayTaken(db, ids);
  return { jobId, ids };
}

/** What the worker writes when the provider has taken the messages. */
export async function sayTaken(db: Database, ids: readonly string[]): Promise<void> {
  await db.pool.query(
    `SELECT apply_outcomes($1, array_fill('sent'::message_state, ARRAY[$2::int]), array_fill(NULL::text, ARRAY[$2]),
       array_fill(NULL::text, ARRAY[$2]), array_fill(NULL::int, ARRAY[$2]), array_fill(NULL::int, ARRAY[$2]),
       array_fill(false, ARRAY[$2]), array_fill(now(), ARRAY[$2]))`,
    [ids, ids.length],
  );
}

export interface CloudStatus {
  readonly id: string;
  readonly status: string;
  readonly code?: number;
}

export function statusBody(statuses: readonly CloudStatus[]): object {
  return notification({
    statuses: statuses.map(({ id, status, code }) => ({
      id: `wamid.${id}`,
      status,
      timestamp: String(Math.floor(Date.now() / 1_000)),
      recipient_id: "34600000001",
      biz_opaque_callback_data: id,
      ...(code === undefined
        ? {}
        : { errors: [{ code, title: "t", error_data: { details: "about +34 600 000 001" } }] }),
    })),
  });
}

export function inboundBody(messages: readonly object[], phoneNumberId = "1001"): object {
  return notification({ contacts: [], messages }, phoneNumberId);
}

function notification(what: object, phoneNumberId = "1001"): object {
  const metadata = { display_phone_number: "34600000999", phone_number_id: phoneNumberId };
  const value = { messaging_product: "whatsapp", metadata, ...what };
  return {
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ value, field: "messages" }] }],
  };
}

/** Posts a body as Meta does. @param signature in place of the right one; null for none */
export async function postCloud(
  app: TestApi,
  device: Pick<ReportingDevice, "webhookPath">,
  body: unknown,
  signature?: string | null,
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const right = `sha256=${createHmac("sha256", cloudCredentials.app_secret).update(text).digest("hex")}`;
  const given = signature === undefined ? right : signature;
  return await app.call("POST", device.webhookPath, {
    json: text,
    key: null,
    ...(given === null ? {} : { headers: { "x-hub-signature-256": given } }),
  });
}
