import type { Device, DeviceCredentials, DeviceCredentialsWrite } from "@pregonero/contracts";
import {
  CredentialsUnreadable,
  linkAccount,
  readCredentials,
  readWebhookToken,
  saveCredentials,
  writeAudit,
  type Actor,
  type CredentialsKeyring,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { randomBytes } from "node:crypto";
import { admitAddress } from "../http/given-address.ts";
import { ApiProblem } from "../http/problem.ts";
import { askProvider, type ProviderAnswer, type ProviderSettings } from "./provider-test.ts";

export interface CredentialDeskDeps {
  readonly db: Database;
  readonly keyring: CredentialsKeyring | null;
  readonly provider: ProviderSettings;
}

const tokenBytes = 32;

/** Keeps the credentials of devices; nothing that it gives out goes over the wire. */
export class CredentialDesk {
  readonly #deps: CredentialDeskDeps;

  constructor(deps: CredentialDeskDeps) {
    this.#deps = deps;
  }

  /** @throws ApiProblem `not_configured` when the server has no key */
  get keyring(): CredentialsKeyring {
    if (this.#deps.keyring) return this.#deps.keyring;
    throw new ApiProblem(
      "not_configured",
      "The server has no key to keep credentials with: set CREDENTIALS_KEY to 32 random bytes in base64 (openssl rand -base64 32), for the API and the workers.",
    );
  }

  /** Null when none are stored. @throws ApiProblem `not_configured` */
  async read(id: number): Promise<DeviceCredentials | null> {
    return await readCredentials(this.#deps.db, id, this.keyring).catch((error: unknown) => {
      if (!(error instanceof CredentialsUnreadable)) throw error;
      throw new ApiProblem(
        "not_configured",
        "The credentials of this device cannot be read with the present CREDENTIALS_KEY. Store them again, or add the key from before to CREDENTIALS_KEYS_OLD.",
      );
    });
  }

  /** @throws ApiProblem `validation_failed` when the credentials name an address that must not be called */
  async admit(body: DeviceCredentialsWrite): Promise<void> {
    if (body.kind === "wablas") await admitAddress(this.#deps.provider.outbound, body.host, "host");
  }

  async ask(credentials: DeviceCredentialsWrite, device: Pick<Device, "url">): Promise<ProviderAnswer> {
    return await askProvider(complete(credentials, ""), device.url, this.#deps.provider);
  }

  /** The address of the webhooks stays what it was when only the credentials change. @returns its path */
  async store(
    tx: Transaction,
    keyring: CredentialsKeyring,
    given: { who: Actor; id: number; body: DeviceCredentialsWrite; answer: ProviderAnswer | null },
  ): Promise<string> {
    const { who, id, body, answer } = given;
    const token = (await readWebhookToken(tx, id)) ?? randomBytes(tokenBytes).toString("base64url");
    const credentials = complete(body, token);
    await saveCredentials(tx, keyring, { tenantId: who.tenantId, deviceId: id, credentials });
    const known = body.kind === "whatsapp_cloud" ? body.phone_number_id : null;
    await linkAccount(tx, id, {
      providerRef: answer?.providerRef ?? known,
      webhookToken: token,
      phone: answer?.phone ?? null,
    });
    await writeAudit(tx, who, {
      action: "device.credentials",
      subject: `device:${id}`,
      detail: { kind: body.kind },
    });
    return `/webhooks/${body.kind === "wablas" ? "wablas" : "cloud"}/${token}`;
  }
}

function complete(body: DeviceCredentialsWrite, webhookSecret: string): DeviceCredentials {
  return body.kind === "wablas" ? { ...body, webhook_secret: webhookSecret } : body;
}
