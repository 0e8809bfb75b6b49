import { z } from "zod";
import { botStatusSchema } from "./api/bot.ts";
import { chatMessageSchema, conversationSchema } from "./api/conversations.ts";
import { deviceIdSchema } from "./api/fields.ts";
import { tenantStatsSchema } from "./api/stats.ts";
import { connectionStateSchema } from "./states.ts";

/**
 * Events of the "crm events" contract: frames `{type, data}`, each only for its tenant. Fields may be added, never
 * renamed or taken away: the clients exist.
 */

export const whatsappStateSchema = z.object({
  device_id: deviceIdSchema,
  state: connectionStateSchema,
  reason: z.string().nullable(),
  phone: z.string().nullable(),
  /** What a QR encodes, while the state is `qr`. */
  qr: z.string().nullable(),
});

export const crmEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("new_message"),
    data: z.object({ message: chatMessageSchema, conversation: conversationSchema }),
  }),
  z.object({
    type: z.literal("message_status_updated"),
    data: z.object({
      message_id: z.uuid(),
      conversation_id: z.uuid(),
      status: z.enum(["sent", "delivered", "read", "failed"]),
    }),
  }),
  z.object({ type: z.literal("conversation_updated"), data: z.object({ conversation: conversationSchema }) }),
  z.object({ type: z.literal("stats_updated"), data: z.object({ stats: tenantStatsSchema }) }),
  z.object({ type: z.literal("bot_status_changed"), data: z.object({ botStatus: botStatusSchema }) }),
  z.object({
    type: z.literal("whatsapp_status_changed"),
    data: z.object({ whatsappState: whatsappStateSchema }),
  }),
  z.object({
    type: z.literal("bulk_message_progress"),
    data: z.object({
      job_id: z.uuid(),
      progress: z.object({
        sent: z.int(),
        total: z.int(),
        /** The number that was written to last, null when no single one stands for the news. */
        currentConversation: z.string().nullable(),
      }),
    }),
  }),
  z.object({
    type: z.literal("bulk_message_completed"),
    data: z.object({ job_id: z.uuid(), successCount: z.int(), errorCount: z.int() }),
  }),
  z.object({
    type: z.literal("bulk_message_error"),
    data: z.object({ job_id: z.uuid(), error: z.string() }),
  }),
]);
export type CrmEvent = z.infer<typeof crmEventSchema>;
