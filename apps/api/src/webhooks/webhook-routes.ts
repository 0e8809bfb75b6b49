import type { ReceiveDesk } from "@pregonero/chat";
import type { DeviceCredentials } from "@pregonero/contracts";
import {
  CredentialsUnreadable,
  findWebhookDevice,
  findWebhookNumber,
  readCredentials,
  type CredentialsKeyring,
  type Database,
  type WebhookDevice,
} from "@pregonero/db";
import { Router, type Request } from "express";
import { ApiProblem, notFound } from "../http/problem.ts";
import { contextOf } from "../http/request-context.ts";
import { readCloudNotification, type CloudChange } from "./cloud-notification.ts";
import { parseJsonBody, readRaw } from "./raw-body.ts";
import { isSigned, sameSecret } from "./signature.ts";
import type { StatusDesk } from "./status-desk.ts";
import { readWablasNotification } from "./wablas-notification.ts";

export interface WebhookDeps {
  readonly db: Database;
  /** Null when no key is set: then no device can have credentials. */
  readonly keyring: CredentialsKeyring | null;
  readonly statuses: StatusDesk;
  readonly inbound: ReceiveDesk;
}

const cloudPath = "/webhooks/cloud/{token}";
const wablasPath = "/webhooks/wablas/{token}";

/** Where providers report. They have no API key: the token in the address and a signature say who they are. */
export function createWebhooks(deps: WebhookDeps): Router {
  const router = Router({ caseSensitive: true });
  const path = (of: string): string => of.replace("{token}", ":token");
  router.get(path(cloudPath), async (req, res) => {
    const { verify_token } = await cloudCredentials(deps, await deviceOf(deps, req, cloudPath));
    const { "hub.mode": mode, "hub.verify_token": given, "hub.challenge": challenge } = req.query;
    const proved = typeof given === "string" && sameSecret(given, verify_token);
    if (mode !== "subscribe" || !proved || typeof challenge !== "string") {
      throw new ApiProblem("forbidden", "The verify token is not the one that was stored for this device.");
    }
    res.type("text/plain").send(challenge);
  });
  router.post(path(cloudPath), async (req, res) => {
    const device = await deviceOf(deps, req, cloudPath);
    const { app_secret } = await cloudCredentials(deps, device);
    const body = await readRaw(req, res);
    if (!isSigned(body, req.get("x-hub-signature-256"), app_secret)) {
      throw new ApiProblem("bad_signature", "X-Hub-Signature-256 is missing or not that of this body.");
    }
    await takeCloud(deps, device, readCloudNotification(parseJsonBody(body)));
    res.status(200).end();
  });
  router.post(path(wablasPath), async (req, res) => {
    const device = await deviceOf(deps, req, wablasPath);
    await takeWablas(deps, device, parseJsonBody(await readRaw(req, res)));
    res.status(200).end();
  });
  return router;
}

/** @throws ApiProblem 404 */
async function deviceOf({ db }: WebhookDeps, req: Request, route: string): Promise<WebhookDevice> {
  // The token is a secret: logs show the route without it.
  contextOf(req).route = route;
  const { token } = req.params;
  const kind = route === cloudPath ? "whatsapp_cloud" : "wablas";
  const device = typeof token === "string" ? await findWebhookDevice(db.pool, kind, token) : null;
  if (!device) throw notFound("such webhook");
  return device;
}

async function cloudCredentials(
  { db, keyring }: WebhookDeps,
  device: WebhookDevice,
): Promise<Extract<DeviceCredentials, { kind: "whatsapp_cloud" }>> {
  if (!keyring) throw unreadable();
  const credentials = await readCredentials(db, device.id, keyring).catch((error: unknown) => {
    throw error instanceof CredentialsUnreadable ? unreadable() : error;
  });
  if (credentials?.kind !== "whatsapp_cloud") throw notFound("such webhook");
  return credentials;
}

const unreadable = (): ApiProblem =>
  new ApiProblem("not_configured", "The credentials of this device cannot be read: see CREDENTIALS_KEY.");

async function takeCloud(
  deps: WebhookDeps,
  device: WebhookDevice,
  changes: readonly CloudChange[],
): Promise<void> {
  const { tenantId } = device;
  const statuses = changes.flatMap((change) => change.statuses.map((status) => ({ ...status, tenantId })));
  await deps.statuses.report(statuses);
  for (const { phoneNumberId, inbound } of changes) {
    if (inbound.length === 0) continue;
    const to = await numberOf(deps, device, phoneNumberId);
    if (to) await deps.inbound.receive(to, inbound);
  }
}

/** All numbers of an app report to one address. Null for one that is no device here. */
async function numberOf(
  { db }: WebhookDeps,
  device: WebhookDevice,
  phoneNumberId: string | null,
): Promise<WebhookDevice | null> {
  if (phoneNumberId === null || phoneNumberId === device.providerRef) return device;
  return await findWebhookNumber(db.pool, device, phoneNumberId);
}

async function takeWablas(deps: WebhookDeps, device: WebhookDevice, json: unknown): Promise<void> {
  const told = readWablasNotification(json);
  if (told.kind === "inbound") await deps.inbound.receive(device, [told.inbound]);
  if (told.kind !== "status") return;
  const { refId, gatewayId, phone: _phone, ...report } = told.status;
  const { id: deviceId, tenantId } = device;
  if (refId !== null) await deps.statuses.report([{ ...report, tenantId, providerMessageId: refId }]);
  else await deps.statuses.reportByRef({ ...report, tenantId, deviceId, providerRef: gatewayId });
}
