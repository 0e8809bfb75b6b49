import type { ChatSettings } from "@pregonero/contracts";
import { noteBotAnswer, placeAnswer, readBotView, type Received, type Transaction } from "@pregonero/db";
import { chooseRule, keyVariables, parseTemplate, renderTemplate } from "@pregonero/domain";

/** A message that was just stored, with what decides about its answer. */
export interface Occasion extends Received {
  readonly tenantId: number;
  readonly deviceId: number;
  readonly phone: string;
  readonly text: string | null;
  readonly at: Date;
  readonly settings: ChatSettings;
}

/** What waited longer than this (the device was away) is left to people: an answer would surprise. */
const staleMs = 15 * 60_000;
/** More in a minute than a person would read: at the other end is a bot as well. */
const mostInMinute = 5;

/** The bot's answer by the tenant's rules, in the transaction of the message. @returns its message id, or null */
export async function answerOf(tx: Transaction, occasion: Occasion): Promise<string | null> {
  const { conversationId, settings, text, begun, at } = occasion;
  const now = new Date();
  if (now.getTime() - at.getTime() > staleMs) return null;
  const view = await readBotView(tx, conversationId);
  if (view.answersInHour >= settings.bot_replies_per_hour || view.answersInMinute >= mostInMinute)
    return null;
  const rule = chooseRule(view.rules, {
    text,
    now,
    timeZone: settings.time_zone,
    businessHours: settings.business_hours,
    first: begun,
    lastAnswers: view.lastAnswers,
  });
  if (rule === null) return null;
  const placed = await placeAnswer(tx, {
    conversationId,
    origin: "bot",
    text: rendered(rule.reply, view.contactName),
    content: null,
    type: "text",
    by: "bot",
    pastOptOut: false,
  });
  if (placed === null) return null;
  await noteBotAnswer(tx, { inboundId: occasion.id, conversationId, ruleId: rule.id, jobId: placed.jobId });
  return placed.messageId;
}

function rendered(reply: string, name: string | null): string {
  const text = renderTemplate(parseTemplate(reply), keyVariables({ name: name ?? "", nombre: name ?? "" }));
  return text.trim() === "" ? reply : text;
}
