import { suppressionImportFormSchema, suppressionImportSchema } from "@pregonero/contracts";
import { z } from "zod";
import { digestOf, jsonBody, type BodyReader } from "../http/body.ts";
import { parseInput } from "../http/issues.ts";
import { ApiProblem } from "../http/problem.ts";
import { spoolForm, type SpooledFile, type SpooledForm, type SpoolOptions } from "../intake/spool.ts";

export type SuppressionImportRequest =
  | { readonly kind: "list"; readonly reason: string; readonly phones: readonly (string | number)[] }
  | {
      readonly kind: "file";
      readonly reason: string;
      readonly column: string | undefined;
      readonly file: SpooledFile;
    };

const part = "file";

export function suppressionImportBody(
  options: Omit<SpoolOptions, "part">,
): BodyReader<SuppressionImportRequest> {
  const json = jsonBody(suppressionImportSchema);
  return {
    content: { ...json.content, "multipart/form-data": formDocument() },
    async read(req, res) {
      if (!/^multipart\/form-data\b/i.test(req.get("content-type") ?? "")) {
        const { value, digest } = await json.read(req, res);
        return { value: { kind: "list", ...value }, digest };
      }
      const form = await spoolForm(req, { ...options, part });
      try {
        return { ...readForm(form), dispose: () => form.dispose() };
      } catch (error) {
        await form.dispose();
        throw error;
      }
    },
  };
}

function readForm({ fields, file }: SpooledForm): { value: SuppressionImportRequest; digest: string } {
  const { reason, column } = parseInput(suppressionImportFormSchema, { ...fields }, "The form");
  if (!file)
    throw new ApiProblem("validation_failed", `The form has no file: send the CSV as the part "${part}".`);
  return {
    value: { kind: "file", reason, column, file },
    digest: digestOf(reason, column ?? "", file.sha256),
  };
}

function formDocument(): z.ZodType {
  const file = z.string().meta({ format: "binary", description: "Its first line names the columns." });
  return z.object({ ...suppressionImportFormSchema.shape, [part]: file }).meta({ id: "SuppressionUpload" });
}
