import {
  addSuppression,
  noteBotAnswer,
  placeAnswer,
  readBotView,
  writeAudit,
  type Transaction,
} from "@pregonero/db";
import { asksToStop, maskPhone } from "@pregonero/domain";
import type { Occasion } from "./bot.ts";

/**
 * Who asks for no more messages is on the list with the same commit, and is told so if the tenant wants that: once a day
 * at most, however often they write it.
 *
 * @returns null when nobody asks
 */
export async function heedOptOut(
  tx: Transaction,
  occasion: Occasion,
): Promise<{ answerId: string | null } | null> {
  const { tenantId, deviceId, phone, text, settings, conversationId, id } = occasion;
  if (text === null || !asksToStop(text, settings.opt_out_words)) return null;
  await addSuppression(tx, tenantId, { phone, reason: `wrote "${text.trim()}"` });
  await writeAudit(
    tx,
    { tenantId, actor: `device:${deviceId}` },
    { action: "suppression.add", subject: `phone:${maskPhone(phone)}` },
  );
  if (settings.opt_out_reply === null) return { answerId: null };
  const { confirmed } = await readBotView(tx, conversationId);
  if (confirmed) return { answerId: null };
  const placed = await placeAnswer(tx, {
    conversationId,
    origin: "bot",
    text: settings.opt_out_reply,
    content: null,
    type: "text",
    by: "bot",
    pastOptOut: true,
  });
  if (placed === null) return { answerId: null };
  await noteBotAnswer(tx, { inboundId: id, conversationId, ruleId: null, jobId: placed.jobId });
  return { answerId: placed.messageId };
}
