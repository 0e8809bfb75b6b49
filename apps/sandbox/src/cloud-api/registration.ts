import { z } from "zod";
import { isWellFormed } from "../network/numbers.ts";

const placeholder = /\{\{\s*([\w.]+)\s*\}\}/g;

/** `["1", "2"]` of `Hello {{1}}, {{2}}`. */
const placeholdersOf = (text: string): string[] => [
  ...new Set([...text.matchAll(placeholder)].map(([, name = ""]) => name)),
];

/** The text with its placeholders filled; those without a value stay as they are. */
export function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(placeholder, (whole, name: string) => values.get(name) ?? whole);
}

const templateSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/, "must be small letters, digits and underscores"),
    /** Such as `es` or `en_US`. */
    language: z.string().min(2),
    status: z.enum(["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"]).default("APPROVED"),
    /** Text with `{{1}}` or `{{name}}`, which the ledger then shows filled. */
    body: z.string().optional(),
    /** Of the body: how many, or their names. Taken from `body` when not given. */
    parameters: z.union([z.number().int().min(0), z.array(z.string().min(1))]).optional(),
    header: z
      .strictObject({
        format: z.enum(["TEXT", "IMAGE", "VIDEO", "DOCUMENT"]),
        /** Of a text. */
        parameters: z.number().int().min(0).max(1).default(0),
      })
      .nullable()
      .default(null),
    /** The buttons that need a parameter. */
    buttons: z
      .array(
        z.strictObject({
          index: z.number().int().min(0).max(9),
          sub_type: z.enum(["url", "quick_reply", "copy_code"]),
        }),
      )
      .default([]),
  })
  .transform(({ parameters, ...template }) => {
    const given = parameters ?? placeholdersOf(template.body ?? "");
    const names = typeof given === "number" ? Array.from({ length: given }, (_, i) => String(i + 1)) : given;
    const named = names.some((name) => !/^\d+$/.test(name));
    return { ...template, parameters: names, named };
  });

/** What is known of a template, `parameters` by name, which are `1`, `2`, … unless it is `named`. */
export type Template = z.output<typeof templateSchema>;

const webhookUrl = z.url({ protocol: /^https?$/ });

/** One number of a WhatsApp Business Account. */
export const registrationSchema = z.strictObject({
  phone: z.string().refine(isWellFormed, "must be 8 to 15 digits, without the plus"),
  access_token: z.string().min(1),
  app_secret: z.string().min(1),
  verify_token: z.string().min(1),
  /** null posts nothing. */
  webhook_url: webhookUrl.nullable().default(null),
  throughput_per_s: z.number().int().min(1).max(10_000).nullable().default(null),
  business_account_id: z.string().regex(/^\d+$/).default("102290129340398"),
  verified_name: z.string().min(1).default("Sandbox"),
  quality_rating: z.enum(["GREEN", "YELLOW", "RED", "UNKNOWN"]).default("GREEN"),
  templates: z.array(templateSchema).default([]),
});

export type Registration = z.output<typeof registrationSchema>;
