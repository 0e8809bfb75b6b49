import { z } from "zod";
import { messageStateSchema } from "../states.ts";
import {
  deviceIdSchema,
  maskablePhoneSchema,
  messageTextSchema,
  nameSchema,
  queryIdSchema,
  text,
  timeSchema,
} from "./fields.ts";

/** A file that came with a chat message, or goes with one. Its bytes are at `GET /api/v1/media/{id}`. */
export const chatMediaSchema = z
  .object({
    id: z.uuid(),
    type: z.enum(["image", "video", "audio", "document", "sticker"]),
    content_type: z.string(),
    filename: z.string().nullable(),
    /** Null while it is still being fetched from the provider. */
    bytes: z.int().nullable(),
    state: z
      .enum(["pending", "ready", "failed"])
      .describe("`pending`: still being fetched from the provider; `failed`: could not be had."),
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
    contact_id: z.uuid(),
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

export const conversationsQueryFilters = {
  device_id: queryIdSchema.optional(),
  status: z.enum(["open", "closed"]).optional(),
  unread: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional()
    .describe("`true`: only those with unread messages."),
  search: z
    .string()
    .min(1)
    .max(120)
    .optional()
    .describe("Part of the contact's name, or the beginning of the number."),
};

/** Begins a conversation, or finds the one that there is. */
export const conversationCreateSchema = z
  .strictObject({
    device_id: deviceIdSchema.describe("The device that will write."),
    phone: z.union([text({ max: 60 }), z.int()], { error: "must be a phone number" }),
    contact_name: nameSchema.optional(),
  })
  .meta({ id: "ConversationCreate" });
export type ConversationCreate = z.input<typeof conversationCreateSchema>;

export const conversationPatchSchema = z
  .strictObject({
    status: z.enum(["open", "closed"]).optional(),
    handed_over: z.boolean().optional().describe("`true`: a person takes over; `false`: back to the bot."),
  })
  .meta({ id: "ConversationPatch" });
export type ConversationPatch = z.infer<typeof conversationPatchSchema>;

/** A message from the conversation's own device, before all campaigns: a text, or a file with an optional caption. */
export const replyCreateSchema = z
  .strictObject({
    text: messageTextSchema.optional().describe("With a file: its caption, at most 1,024 characters."),
    media_id: z.uuid().optional().describe("Of an upload to `/api/v1/media`."),
  })
  .refine((reply) => reply.text !== undefined || reply.media_id !== undefined, "needs a text or a media_id")
  .refine(
    (reply) => reply.media_id === undefined || (reply.text ?? "").length <= 1_024,
    "a caption has at most 1,024 characters",
  )
  .meta({ id: "ReplyCreate" });
export type ReplyCreate = z.input<typeof replyCreateSchema>;
