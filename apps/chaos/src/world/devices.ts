import { randomUUID } from "node:crypto";
import { openKeyring, saveCredentials, type Database, type DeviceKind } from "@pregonero/db";
import { until } from "../wait.ts";
import type { Sandbox } from "./sandbox.ts";

export interface Device {
  readonly id: number;
  readonly kind: DeviceKind;
  /** E.164 digits. */
  readonly phone: string;
}

export const kinds: readonly DeviceKind[] = ["whatsapp_web", "whatsapp_cloud", "wablas"];

export interface DevicePlan {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly tenantId: number;
  readonly credentialsKey: string;
  readonly providerUrl: string;
  readonly apiUrl: string;
  /** How many of WhatsApp Web; of the others there is one each. */
  readonly web: number;
}

const linkTimeoutMs = 90_000;

/** The devices of the world: made, registered with the sandbox, linked and connected. */
export async function makeDevices(plan: DevicePlan): Promise<readonly Device[]> {
  const web = await Promise.all(Array.from({ length: plan.web }, (_, n) => makeWeb(plan, n)));
  const devices = [...web, await makeCloud(plan), await makeWablas(plan)];
  await link(plan, devices);
  return devices;
}

async function makeWeb({ db, tenantId }: DevicePlan, n: number): Promise<Device> {
  const { id } = await db.prisma.device.create({
    data: { tenantId, name: `web-${n + 1}`, kind: "whatsapp_web", wanted: true },
  });
  return { id, kind: "whatsapp_web", phone: String(34_555_720_001 + n) };
}

async function makeCloud(plan: DevicePlan): Promise<Device> {
  const { db, tenantId, sandbox, providerUrl, apiUrl } = plan;
  const webhookToken = randomUUID();
  const phone = "34555730001";
  const phone_number_id = "100001";
  const { id } = await db.prisma.device.create({
    data: {
      tenantId,
      name: "cloud",
      kind: "whatsapp_cloud",
      wanted: true,
      linked: true,
      linkedAt: new Date(),
      url: `${providerUrl}/cloud`,
      providerRef: phone_number_id,
      webhookToken,
    },
  });
  const secrets = { access_token: "access", app_secret: "app-secret", verify_token: "verify" };
  await saveCredentials(db.pool, openKeyring(plan.credentialsKey), {
    tenantId,
    deviceId: id,
    credentials: { kind: "whatsapp_cloud", phone_number_id, ...secrets },
  });
  const webhook_url = `${apiUrl}/webhooks/cloud/${webhookToken}`;
  await sandbox.put(`/control/cloud/accounts/${phone_number_id}`, { phone, ...secrets, webhook_url });
  return { id, kind: "whatsapp_cloud", phone };
}

async function makeWablas(plan: DevicePlan): Promise<Device> {
  const { db, tenantId, sandbox, providerUrl, apiUrl } = plan;
  const webhookToken = randomUUID();
  const phone = "34555740001";
  const { id } = await db.prisma.device.create({
    data: {
      tenantId,
      name: "wablas",
      kind: "wablas",
      wanted: true,
      linked: true,
      linkedAt: new Date(),
      webhookToken,
    },
  });
  const secrets = { token: "wablas-token", secret_key: "secret" };
  await saveCredentials(db.pool, openKeyring(plan.credentialsKey), {
    tenantId,
    deviceId: id,
    credentials: { kind: "wablas", host: `${providerUrl}/wablas`, ...secrets, webhook_secret: webhookToken },
  });
  const tracking_url = `${apiUrl}/webhooks/wablas/${webhookToken}`;
  await sandbox.put(`/control/wablas/devices/${secrets.token}`, {
    secret_key: secrets.secret_key,
    phone,
    tracking_url,
  });
  return { id, kind: "wablas", phone };
}

/** Scans the QR of each that shows one until all are connected. */
async function link({ db, sandbox }: DevicePlan, devices: readonly Device[]): Promise<void> {
  const phones = new Map(devices.map(({ id, phone }) => [id, phone]));
  const linked = async (): Promise<boolean> => {
    const rows = await db.prisma.device.findMany({ where: { id: { in: [...phones.keys()] } } });
    for (const { id, state, qrCode } of rows) {
      if (state === "qr" && qrCode !== null) await sandbox.scan(qrCode, phones.get(id) ?? "");
    }
    return rows.length === devices.length && rows.every(({ state }) => state === "connected");
  };
  await until("all devices connected", linked, linkTimeoutMs);
}
