import { z } from "zod";
import { messageStateSchema } from "../states.ts";
import { deviceIdSchema, maskablePhoneSchema, timeSchema } from "./fields.ts";

/** A file that came with a chat message, or goes with one. Its bytes are at `GET /api/v1/media/{id}`. */
export const chatMediaSchema = z
  .object({
    id: z.uuid(),
    type: z.enum(["image", "video", "audio", "document", "sticker"]),
    content_type: z.string(),
    filename: z.string().nullable(),
    /** Null while it is still being fetched from the provider. */
    bytes: z.int().nullable(),
  })
  .meta({ id: "ChatMedia" });
export type ChatMedia = z.infer<typeof chatMediaSchema>;

/** One message of a conversation, written by either side; outbound ones include those of campaigns. */
export const chatMessageSchema = z
  .object({
    id: z.uuid(),
    conversation_id: z.uuid(),
    device_id: deviceIdSchema,
    direction: z.enum(["inbound", "outbound"]),
    /** The provider's word for it: text, image, audio, button, … */
    type: z.string(),
    text: z.string().nullable(),
    media: chatMediaSchema.nullable(),
    /** Of outbound messages. */
    state: messageStateSchema.nullable(),
    error_code: z.string().nullable(),
    /** Who wrote an outbound one: `campaign`, `reply`, `bot`, `single`, or `phone` when it was typed on the phone itself. */
    origin: z.enum(["campaign", "reply", "bot", "single", "phone"]).nullable(),
    job_id: z.uuid().nullable(),
    at: timeSchema,
  })
  .meta({ id: "ChatMessage" });
export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** What one device and one contact have said to each other. */
export const conversationSchema = z
  .object({
    id: z.uuid(),
    device_id: deviceIdSchema,
    phone: maskablePhoneSchema,
    contact_name: z.string().nullable(),
    status: z.enum(["open", "closed"]),
    unread_count: z.int(),
    /** Whether the bot keeps quiet because a person has taken over. */
    handed_over: z.boolean(),
    last_message: z
      .object({
        direction: z.enum(["inbound", "outbound"]),
        /** The first characters of it. */
        preview: z.string(),
        at: timeSchema,
      })
      .nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof conversationSchema>;
