import {
  deviceCredentialsQuerySchema,
  deviceCredentialsSavedSchema,
  deviceCredentialsWriteSchema,
  deviceSchema,
  deviceTestSchema,
  type Device,
  type DeviceTest,
} from "@pregonero/contracts";
import {
  createCommand,
  findDevice,
  isHeld,
  takeBack,
  transaction,
  unlinkAccount,
  writeAudit,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { deviceParams, noSuchDevice } from "../devices/device-routes.ts";
import type { Announcer } from "../events/announcer.ts";
import { jsonBody } from "../http/body.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { CredentialDesk } from "./credential-desk.ts";
import type { ProviderAnswer } from "./provider-test.ts";

export interface CredentialDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly desk: CredentialDesk;
}

const tag = "Devices";
const path = "/api/v1/devices/{id}/credentials";

export function credentialRoutes(deps: CredentialDeps): Route[] {
  return [putRoute(deps), deleteRoute(deps), testRoute(deps), resumeRoute(deps)];
}

function putRoute({ db, announcer, desk }: CredentialDeps): Route {
  return defineRoute({
    method: "put",
    path,
    tag,
    summary: "Store the credentials of a device",
    description:
      "The provider is asked first whether they are good; if it says no, nothing is stored. They are kept encrypted and no call ever gives them out. The answer says where the provider's webhooks go.",
    role: "admin",
    params: deviceParams,
    query: deviceCredentialsQuerySchema,
    body: jsonBody(deviceCredentialsWriteSchema),
    responses: { 200: deviceCredentialsSavedSchema },
    problems: ["conflict", "provider_refused", "not_configured"],
    handler: async ({ principal, params: { id }, query, body }) => {
      const device = await existing(db, principal.tenantId, id);
      if (device.kind !== body.kind) {
        throw new ApiProblem(
          "conflict",
          `The device is of the kind ${device.kind}, the credentials of ${body.kind}.`,
        );
      }
      const { keyring } = desk;
      await desk.admit(body);
      const answer = query.test ? await desk.ask(body, device) : null;
      if (answer?.ok === false)
        throw new ApiProblem("provider_refused", `${answer.detail} Nothing was stored.`);
      const saved = await transaction(db, async (tx) => {
        const webhookPath = await desk.store(tx, keyring, { who: principal, id, body, answer });
        await startAnew(tx, id);
        return { webhookPath, device: (await findDevice(tx, principal.tenantId, id)) ?? device };
      });
      announcer.deviceNeedsLook(id);
      return reply(200, {
        device: saved.device,
        webhook_path: saved.webhookPath,
        test: answer && shown(answer),
      });
    },
  });
}

function deleteRoute({ db, announcer }: CredentialDeps): Route {
  return defineRoute({
    method: "delete",
    path,
    tag,
    summary: "Forget the credentials of a device",
    description: "It sends no more, and its webhooks are not taken any more.",
    role: "admin",
    params: deviceParams,
    responses: { 204: null },
    handler: async ({ principal, params: { id } }) => {
      const device = await existing(db, principal.tenantId, id);
      if (device.kind === "whatsapp_web") throw withoutCredentials();
      await transaction(db, async (tx) => {
        await unlinkAccount(tx, id);
        await writeAudit(tx, principal, { action: "device.credentials.delete", subject: `device:${id}` });
      });
      announcer.deviceNeedsLook(id);
      return reply(204, null);
    },
  });
}

function testRoute({ db, desk }: CredentialDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/devices/{id}/test",
    tag,
    summary: "Ask the provider whether the device can send",
    role: "operator",
    params: deviceParams,
    responses: { 200: deviceTestSchema },
    problems: ["conflict", "not_configured"],
    handler: async ({ principal, params: { id } }) => {
      const device = await existing(db, principal.tenantId, id);
      if (device.kind === "whatsapp_web") throw withoutCredentials();
      const credentials = await desk.read(id);
      if (!credentials) throw new ApiProblem("conflict", "No credentials are stored for this device.");
      return reply(200, shown(await desk.ask(credentials, device)));
    },
  });
}

function resumeRoute({ db, announcer }: CredentialDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/devices/{id}/resume",
    tag,
    summary: "Take a device back that was put aside",
    description:
      "It gets work again at once. If what put it aside is still there, it is soon put aside again.",
    role: "operator",
    params: deviceParams,
    responses: { 200: deviceSchema },
    handler: async ({ principal, params: { id } }) => {
      const device = await transaction(db, async (tx) => {
        const before = await findDevice(tx, principal.tenantId, id);
        if (!before || !(await takeBack(tx, principal.tenantId, id))) throw noSuchDevice(id);
        // A connection that the provider has refused is tried anew at once, not after a pause.
        if (before.state === "error") await startAnew(tx, id);
        await writeAudit(tx, principal, { action: "device.resume", subject: `device:${id}` });
        return (await findDevice(tx, principal.tenantId, id)) ?? before;
      });
      announcer.deviceNeedsLook(id);
      return reply(200, device);
    },
  });
}

/** Whoever holds the device connects again, with what is stored now. */
async function startAnew(tx: Transaction, id: number): Promise<void> {
  if (await isHeld(tx, id)) await createCommand(tx, { deviceId: id, kind: "restart_context" });
}

async function existing(db: Database, tenantId: number, id: number): Promise<Device> {
  const device = await findDevice(db.pool, tenantId, id);
  if (!device) throw noSuchDevice(id);
  return device;
}

const withoutCredentials = (): ApiProblem =>
  new ApiProblem("conflict", "A device of WhatsApp Web has no credentials: it is linked by QR or code.");

function shown({ providerRef: _ref, ...answer }: ProviderAnswer): DeviceTest {
  return answer;
}
