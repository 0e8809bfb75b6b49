import { queueCampaignFormSchema } from "@pregonero/contracts";
import { z } from "zod";
import { digestOf, type BodyReader } from "../http/body.ts";
import { parseInput } from "../http/issues.ts";
import { ApiProblem } from "../http/problem.ts";
import { spoolForm, type SpooledFile, type SpooledForm, type SpoolOptions } from "../intake/spool.ts";

export interface QueueCampaign {
  readonly form: z.output<typeof queueCampaignFormSchema>;
  readonly file: SpooledFile;
}

const part = "archivo_csv";

export function queueCampaignBody(options: Omit<SpoolOptions, "part">): BodyReader<QueueCampaign> {
  return {
    content: { "multipart/form-data": formDocument() },
    async read(req) {
      if (!/^multipart\/form-data\b/i.test(req.get("content-type") ?? "")) {
        throw new ApiProblem(
          "unsupported_media_type",
          "Send a form (multipart/form-data) with the CSV in it.",
        );
      }
      const spooled = await spoolForm(req, { ...options, part });
      try {
        return { ...readForm(spooled), dispose: () => spooled.dispose() };
      } catch (error) {
        await spooled.dispose();
        throw error;
      }
    },
  };
}

function readForm({ fields, file }: SpooledForm): { value: QueueCampaign; digest: string } {
  const form = parseInput(queueCampaignFormSchema, { ...fields }, "The form");
  if (!file)
    throw new ApiProblem("validation_failed", `The form has no file: send the CSV as the part "${part}".`);
  return { value: { form, file }, digest: digestOf(JSON.stringify(form), file.sha256) };
}

function formDocument(): z.ZodType {
  const file = z.string().meta({ format: "binary", description: "Its first line names the columns." });
  return z.object({ [part]: file, ...queueCampaignFormSchema.shape }).meta({ id: "QueueCampaignUpload" });
}
