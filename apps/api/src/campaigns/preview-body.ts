import { campaignPreviewFormSchema } from "@pregonero/contracts";
import { z } from "zod";
import { digestOf, type BodyReader } from "../http/body.ts";
import { parseInput } from "../http/issues.ts";
import { ApiProblem } from "../http/problem.ts";
import { spoolForm, type SpooledFile, type SpoolOptions } from "../intake/spool.ts";

export interface PreviewBody {
  readonly form: z.output<typeof campaignPreviewFormSchema>;
  readonly file: SpooledFile;
}

const part = "file";

/** A file, and what little of a campaign is known when it is looked at. */
export function previewBody(options: Omit<SpoolOptions, "part">): BodyReader<PreviewBody> {
  const file = z.string().meta({ format: "binary", description: "The CSV file." });
  return {
    content: {
      "multipart/form-data": z
        .object({ ...campaignPreviewFormSchema.shape, [part]: file })
        .meta({ id: "CampaignPreviewUpload" }),
    },
    async read(req) {
      if (!/^multipart\/form-data\b/i.test(req.get("content-type") ?? ""))
        throw new ApiProblem(
          "unsupported_media_type",
          "Send a form (multipart/form-data) with the CSV in it.",
        );
      const spooled = await spoolForm(req, { ...options, part });
      try {
        const { mapping, ...fields } = spooled.fields;
        const given = { ...fields, ...(mapping === undefined ? {} : { mapping: parse(mapping) }) };
        const form = parseInput(campaignPreviewFormSchema, given, "The form");
        if (!spooled.file)
          throw new ApiProblem(
            "validation_failed",
            `The form has no file: send the CSV as the part "${part}".`,
          );
        const value = { form, file: spooled.file };
        return { value, digest: digestOf(JSON.stringify(given)), dispose: () => spooled.dispose() };
      } catch (error) {
        await spooled.dispose();
        throw error;
      }
    },
  };
}

/** What is no JSON stays text, about which the schema complains by name. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
