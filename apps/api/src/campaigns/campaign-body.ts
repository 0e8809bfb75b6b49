import { campaignCreateSchema, campaignFormSchema } from "@pregonero/contracts";
import type { Request } from "express";
import { z } from "zod";
import { digestOf, jsonBody, type BodyReader } from "../http/body.ts";
import { parseInput } from "../http/issues.ts";
import { ApiProblem } from "../http/problem.ts";
import { spoolForm, type SpooledFile, type SpooledForm, type SpoolOptions } from "../intake/spool.ts";

export type CampaignBody =
  | { readonly kind: "list"; readonly campaign: z.output<typeof campaignCreateSchema> }
  | {
      readonly kind: "file";
      readonly campaign: z.output<typeof campaignFormSchema>;
      readonly file: SpooledFile;
    };

/** Fields of the form that are not text: they come as JSON in their part. */
const jsonFields: ReadonlySet<string> = new Set([
  "device_ids",
  "devices_limit",
  "interval_ms",
  "priority",
  "max_attempts",
  "start",
  "mapping",
  "content",
  "max_concurrent",
  "batch_size",
  "auto_pause",
  "notify",
]);

/** A campaign comes as JSON with its recipients in it, or as a form with a CSV file. */
export function campaignBody(options: Omit<SpoolOptions, "part">): BodyReader<CampaignBody> {
  const json = jsonBody(campaignCreateSchema);
  const part = "file";
  return {
    content: { ...json.content, "multipart/form-data": formDocument(part) },
    async read(req, res) {
      if (!isForm(req)) {
        const { value, digest } = await json.read(req, res);
        return { value: { kind: "list", campaign: value }, digest };
      }
      const form = await spoolForm(req, { ...options, part });
      try {
        return { ...readForm(form, part), dispose: () => form.dispose() };
      } catch (error) {
        await form.dispose();
        throw error;
      }
    },
  };
}

function isForm(req: Request): boolean {
  return /^multipart\/form-data\b/i.test(req.get("content-type") ?? "");
}

function readForm({ fields, file }: SpooledForm, part: string): { value: CampaignBody; digest: string } {
  const given = Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, fieldValue(name, text)]),
  );
  const campaign = parseInput(campaignFormSchema, given, "The form");
  if (!file)
    throw new ApiProblem("validation_failed", `The form has no file: send the CSV as the part "${part}".`);
  return { value: { kind: "file", campaign, file }, digest: digestOf(JSON.stringify(given), file.sha256) };
}

/** What is no JSON stays text, about which the schema then complains by name. */
function fieldValue(name: string, text: string): unknown {
  if (!jsonFields.has(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The form for the OpenAPI document: the fields and the file beside them. */
function formDocument(part: string): z.ZodType {
  const file = z
    .string()
    .meta({ format: "binary", description: "The CSV file: its first line names the columns." });
  return z.object({ ...campaignFormSchema.shape, [part]: file }).meta({ id: "CampaignUpload" });
}
