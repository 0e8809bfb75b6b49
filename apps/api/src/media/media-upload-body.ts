import type { ChatMedia } from "@pregonero/contracts";
import { z } from "zod";
import { digestOf, type BodyReader } from "../http/body.ts";
import { ApiProblem } from "../http/problem.ts";
import { spoolForm } from "../intake/spool.ts";

export interface MediaUpload {
  /** Where it lies until the request is over. */
  readonly path: string;
  readonly type: ChatMedia["type"];
  readonly contentType: string;
  readonly filename: string | null;
}

const part = "file";
const contentTypePattern = /^[\w.+-]+\/[\w.+-]+(?:;\s*[\w.+-]+=[\w.+-]+)*$/;

/** A form with one file. What kind of message it becomes follows from its content type. */
export function mediaUploadBody(options: { dir: string; maxBytes: number }): BodyReader<MediaUpload> {
  const limits = { maxFileBytes: options.maxBytes, maxMessages: 0 };
  return {
    content: { "multipart/form-data": formDocument() },
    async read(req) {
      if (!/^multipart\/form-data\b/i.test(req.get("content-type") ?? "")) {
        throw new ApiProblem(
          "unsupported_media_type",
          `Send a form (multipart/form-data) with the part "${part}".`,
        );
      }
      const form = await spoolForm(req, { dir: options.dir, part, limits });
      const { file } = form;
      if (!file) {
        await form.dispose();
        throw new ApiProblem("validation_failed", `The form has no file: send it as the part "${part}".`);
      }
      const contentType = contentTypePattern.test(file.contentType)
        ? file.contentType
        : "application/octet-stream";
      const filename = file.name.slice(0, 240);
      return {
        value: { path: file.path, contentType, filename, type: typeOf(contentType) },
        digest: digestOf(contentType, filename, file.sha256),
        dispose: () => form.dispose(),
      };
    },
  };
}

/** What WhatsApp shows as a picture, plays or reads out; the rest are documents. */
function typeOf(contentType: string): ChatMedia["type"] {
  const [bare = ""] = contentType.toLowerCase().split(";");
  if (bare === "image/jpeg" || bare === "image/png") return "image";
  if (bare === "video/mp4" || bare === "video/3gpp") return "video";
  if (/^audio\/(?:aac|amr|mp4|mpeg|ogg)$/.test(bare)) return "audio";
  return "document";
}

function formDocument(): z.ZodType {
  const file = z.string().meta({ format: "binary", description: "With its content type and name." });
  return z.object({ [part]: file }).meta({ id: "MediaUpload" });
}
