import type { InboundMessage } from "@pregonero/chat";
import { z } from "zod";

type Media = NonNullable<InboundMessage["media"]>;

const types = ["image", "video", "audio", "document", "sticker"] as const;

const fileSchema = z.object({
  /** What it is asked for by; it is kept for thirty days. */
  id: z.string().min(1).max(512),
  mime_type: z.string().min(1).max(200),
  filename: z.string().max(500).optional().catch(undefined),
});

/** The file of a message; null when it has none. */
export function cloudMediaOf(message: Readonly<Record<string, unknown>>): Media | null {
  for (const type of types) {
    const file = message["type"] === type ? fileSchema.safeParse(message[type]).data : undefined;
    if (file === undefined) continue;
    return { type, contentType: file.mime_type, filename: file.filename ?? null, ref: file.id };
  }
  return null;
}
