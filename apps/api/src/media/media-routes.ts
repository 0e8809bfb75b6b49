import { chatMediaSchema } from "@pregonero/contracts";
import { addUpload, findMedia, uuidv7, writeAudit, type Database } from "@pregonero/db";
import type { BlobStore } from "@pregonero/storage";
import { createReadStream } from "node:fs";
import { z } from "zod";
import { createOnce } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { mediaUploadBody } from "./media-upload-body.ts";

export interface MediaDeps {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly maxBytes: number;
  readonly uploadDir: string;
}

const tag = "Media";

export function mediaRoutes(deps: MediaDeps): Route[] {
  return [uploadRoute(deps), downloadRoute(deps)];
}

function uploadRoute({ db, blobs, maxBytes, uploadDir }: MediaDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/media",
    tag,
    summary: "Upload a file that a reply is to carry",
    role: "operator",
    body: mediaUploadBody({ dir: uploadDir, maxBytes }),
    idempotent: true,
    responses: { 201: chatMediaSchema },
    handler: async ({ principal, body, idempotency }) => {
      const { tenantId, actor: by } = principal;
      const id = uuidv7();
      const storageKey = `tenant/${tenantId}/chat-media/${id}`;
      const { type, contentType, filename } = body;
      // Before the transaction: a slow store must not hold one open.
      const { bytes } = await blobs.put(storageKey, createReadStream(body.path), { contentType });
      let kept = false;
      try {
        return await createOnce(db, { tenantId, idempotency }, async (tx) => {
          const upload = { id, tenantId, type, contentType, filename, bytes, storageKey, by };
          const made = await addUpload(tx, upload);
          await writeAudit(tx, principal, {
            action: "media.upload",
            subject: `media:${id}`,
            detail: { bytes },
          });
          kept = true;
          return { made, reply: reply(201, made) };
        });
      } finally {
        // A repetition of an upload that is stored already.
        if (!kept) await blobs.delete(storageKey);
      }
    },
  });
}

/** What a browser may show by itself; everything else is only saved: somebody sent it who may mean harm. */
const shownTypes = /^(?:image\/(?:jpeg|png|webp|gif)|video\/(?:mp4|3gpp|webm)|audio\/[\w.+-]+)(?:;|$)/i;

function downloadRoute({ db, blobs }: MediaDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/media/{id}",
    tag,
    summary: "Get the bytes of a file",
    description: "409 while it is still being fetched from the provider.",
    role: "viewer",
    params: z.object({ id: z.uuid() }),
    responses: { 200: z.unknown().meta({ description: "The file." }) },
    produces: "application/octet-stream",
    problems: ["conflict"],
    handler: async ({ principal, params: { id } }) => {
      const media = await findMedia(db.pool, principal.tenantId, id);
      if (!media || media.state === "failed") throw notFound(`file with the id ${id}`);
      if (media.storage_key === null) {
        throw new ApiProblem("conflict", "The file is still being fetched. Try again in a moment.");
      }
      const blob = await blobs.open(media.storage_key);
      if (!blob) throw notFound(`file with the id ${id}`);
      const how = shownTypes.test(media.content_type) ? "inline" : "attachment";
      const name = encodeURIComponent(media.filename ?? id);
      return {
        ...reply(200, blob.stream),
        headers: {
          "Content-Type": how === "inline" ? media.content_type : "application/octet-stream",
          "Content-Length": String(blob.bytes),
          "Content-Disposition": `${how}; filename*=UTF-8''${name}`,
          "Content-Security-Policy": "sandbox; default-src 'none'",
          "X-Content-Type-Options": "nosniff",
          "Cache-Control": "private, max-age=31536000, immutable",
        },
      };
    },
  });
}
