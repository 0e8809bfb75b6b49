import type { CampaignCreated } from "@pregonero/contracts";
import type { Answer, CallOptions, TestApi } from "./api.ts";

/** The parts of a form that make a campaign. */
export interface CampaignFormParts {
  readonly csv: string | Uint8Array | Blob;
  readonly fields?: Readonly<Record<string, string>>;
  /** Part and name of the file. */
  readonly part?: string;
  readonly fileName?: string;
}

export function campaignForm({
  csv,
  fields,
  part = "file",
  fileName = "clients.csv",
}: CampaignFormParts): FormData {
  const form = new FormData();
  form.set("name", "Promo");
  form.set("body", "Hola {{nombre|amigo}}");
  for (const [name, value] of Object.entries(fields ?? {})) form.set(name, value);
  form.set(
    part,
    csv instanceof Blob ? csv : new Blob([typeof csv === "string" ? csv : new Uint8Array(csv)]),
    fileName,
  );
  return form;
}

export async function upload<Body = CampaignCreated>(
  api: TestApi,
  parts: CampaignFormParts,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  return await api.call<Body>("POST", "/api/v1/campaigns", { form: campaignForm(parts), ...options });
}

/** So many rows of valid numbers that differ. */
export function csvOf(rows: number, row: (n: number) => string = () => "", header = ""): string {
  const lines = [`telefono${header}`];
  for (let n = 0; n < rows; n++) lines.push(`+34${600_000_000 + n}${row(n)}`);
  return `${lines.join("\n")}\n`;
}

/** What a failed call must not have left behind. */
export async function intakeRows(api: TestApi): Promise<Record<string, number>> {
  const tables = [
    "campaigns",
    "campaign_rejections",
    "send_messages_jobs",
    "messages",
    "lanes",
    "idempotency_keys",
  ];
  const counts = await Promise.all(tables.map(async (table) => [table, await api.count(table)] as const));
  return Object.fromEntries(counts);
}

export const nothing = {
  campaigns: 0,
  campaign_rejections: 0,
  send_messages_jobs: 0,
  messages: 0,
  lanes: 0,
  idempotency_keys: 0,
};
