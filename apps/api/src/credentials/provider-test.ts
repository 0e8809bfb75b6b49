import type { DeviceCredentials, DeviceTest } from "@pregonero/contracts";
import { cloudApiVerdict, wablasVerdict } from "@pregonero/domain";
import type { OutboundGuard } from "@pregonero/outbound";
import { Agent, fetch } from "undici";
import { saidSafely } from "../webhooks/said-safely.ts";
import { z } from "zod";

/** What a provider says of a device when it is asked. */
export interface ProviderAnswer extends DeviceTest {
  /** What it calls the device; null when it did not say. */
  readonly providerRef: string | null;
}

export interface ProviderSettings {
  /** `CLOUD_API_URL` */
  readonly cloudUrl: string;
  /** `CLOUD_API_VERSION` */
  readonly cloudVersion: string;
  /** What addresses that a user gave must pass: a gateway's host, a device's own address. */
  readonly outbound: OutboundGuard;
}

const timeoutMs = 10_000;

/** Asks the provider whether these credentials are good. @param url the device's own, in place of the provider's */
export async function askProvider(
  credentials: DeviceCredentials,
  url: string | null,
  settings: ProviderSettings,
): Promise<ProviderAnswer> {
  if (credentials.kind === "wablas") return await askWablas(credentials, settings.outbound);
  const guard = url === null ? null : settings.outbound;
  return await askMeta(credentials, {
    baseUrl: url ?? settings.cloudUrl,
    version: settings.cloudVersion,
    guard,
  });
}

const numberSchema = z.object({
  id: z.string(),
  verified_name: z.string().optional().catch(undefined),
  display_phone_number: z.string().optional().catch(undefined),
  quality_rating: z.string().max(50).optional().catch(undefined),
});
const metaErrorSchema = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: z.int().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
  }),
});

async function askMeta(
  { phone_number_id: id, access_token, app_secret, verify_token }: Of<"whatsapp_cloud">,
  { baseUrl, version, guard }: { baseUrl: string; version: string; guard: OutboundGuard | null },
): Promise<ProviderAnswer> {
  const fields = "verified_name,display_phone_number,quality_rating";
  const answer = await ask(`${withoutSlash(baseUrl)}/${version}/${id}?fields=${fields}`, guard, {
    authorization: `Bearer ${access_token}`,
  });
  if (answer === null) return no("Meta could not be reached.");
  const error = metaErrorSchema.safeParse(answer.json).data?.error;
  if (error) {
    const { meaning } = cloudApiVerdict({
      code: error.code,
      subcode: error.error_subcode,
      status: answer.status,
    });
    const said = safe(error.message ?? "", [access_token, app_secret, verify_token]);
    return no(`Meta says no: ${meaning} (code ${error.code}${said === "" ? "" : `, ${said}`}).`);
  }
  const number = answer.status === 200 ? numberSchema.safeParse(answer.json).data : undefined;
  if (!number) return no(`The answer is not one of Meta's (HTTP ${answer.status}).`);
  const { verified_name: name, quality_rating: quality } = number;
  return {
    ok: true,
    detail: `Meta knows the number${name === undefined ? "" : ` of ${name}`}.`,
    ...phoneOf(number.display_phone_number),
    ...(quality === undefined ? {} : { quality }),
    providerRef: id,
  };
}

const text = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const deviceSchema = z.object({
  status: z.literal(true),
  data: z.object({ serial: text, sender: text, status: z.string() }),
});
const refusalSchema = z.object({ status: z.literal(false), message: z.string().catch("") });

async function askWablas(
  { host, token, secret_key }: Of<"wablas">,
  guard: OutboundGuard,
): Promise<ProviderAnswer> {
  const url = `${withoutSlash(host)}/api/device/info?token=${encodeURIComponent(token)}`;
  const answer = await ask(url, guard, { authorization: `${token}.${secret_key}` });
  if (answer === null) return no("The gateway could not be reached.");
  const refusal = refusalSchema.safeParse(answer.json).data;
  if (refusal) {
    const { meaning } = wablasVerdict({ message: refusal.message, status: answer.status });
    const said = safe(refusal.message, [token, secret_key]);
    return no(`The gateway says no: ${meaning}${said === "" ? "" : ` (${said})`}.`);
  }
  const device = deviceSchema.safeParse(answer.json).data?.data;
  if (!device) return no(`The answer is not one of the gateway's (HTTP ${answer.status}).`);
  const known = { ...phoneOf(device.sender), providerRef: device.serial ?? null };
  // The credentials are good all the same, but nothing would be sent.
  if (device.status !== "connected") {
    return { ok: false, detail: "The gateway has no connection to the phone.", ...known };
  }
  return { ok: true, detail: "The gateway is connected to the phone.", ...known };
}

type Of<Kind extends DeviceCredentials["kind"]> = Extract<DeviceCredentials, { kind: Kind }>;

/** Null when there was no whole answer. Redirects are not followed: they would take the credentials along. */
async function ask(
  url: string,
  guard: OutboundGuard | null,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; json: unknown } | null> {
  // What was checked is what is connected to, whatever DNS says a moment later.
  const agent = new Agent(guard ? { connect: { lookup: guard.lookup } } : {});
  try {
    guard?.checkUrl(url);
    const response = await fetch(url, {
      headers: { accept: "application/json", ...headers },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      dispatcher: agent,
    });
    return { status: response.status, json: jsonOf(await response.text()) };
  } catch {
    return null;
  } finally {
    await agent.destroy();
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const no = (detail: string): ProviderAnswer => ({ ok: false, detail, providerRef: null });

function safe(said: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((words, secret) => words.replaceAll(secret, "***"), said);
  return saidSafely(hidden);
}

function phoneOf(shown: string | undefined): { phone?: string } {
  const phone = shown?.replaceAll(/\D/g, "") ?? "";
  return phone === "" ? {} : { phone };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "");
