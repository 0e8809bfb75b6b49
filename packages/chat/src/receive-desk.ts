import {
  noteMedia,
  readChatSettings,
  receiveMessage,
  transaction,
  type Database,
  type Received,
  type TellOfMedia,
  type Transaction,
} from "@pregonero/db";
import { answerOf } from "./bot.ts";
import type { ChatNews } from "./chat-news.ts";
import { heedOptOut } from "./opt-out.ts";

/** A message as a channel tells of it. */
export interface InboundMessage {
  readonly providerMessageId: string;
  /** E.164 digits without +, or `<digits>@lid` while the provider hides the number. */
  readonly phone: string;
  /** What the provider calls a number that it hides, when the number is known. */
  readonly hiddenPhone?: string;
  /** As they call themselves. */
  readonly pushedName?: string;
  /** The provider's word: text, image, button, … */
  readonly type: string;
  readonly text: string | null;
  readonly at: Date;
  /** Typed on the phone of the device itself. */
  readonly fromMe?: boolean;
  /** A file that is to be fetched. */
  readonly media?: TellOfMedia;
}

export interface ReceiveDeskDeps {
  readonly db: Database;
  readonly news: ChatNews;
  /** The device has something to send, or a file to fetch: whoever holds it looks at once. */
  readonly wake: (deviceId: number) => void;
}

interface Taken extends Received {
  /** The message of ours that answers it at once, or null. */
  readonly answerId: string | null;
}

/**
 * Takes in what people write, whatever the channel. A message, its conversation, its figures, the opt-out that it asks
 * for and the bot's answer to it are one transaction: told twice, it is one message with one answer.
 */
export class ReceiveDesk {
  readonly #deps: ReceiveDeskDeps;

  constructor(deps: ReceiveDeskDeps) {
    this.#deps = deps;
  }

  /** Harmless twice. Rejects when the database cannot be asked: then the provider must tell it again. */
  async receive(
    device: { readonly id: number; readonly tenantId: number },
    messages: readonly InboundMessage[],
  ): Promise<void> {
    const { db, news, wake } = this.#deps;
    for (const message of messages) {
      const taken = await transaction(db, (tx) => take(tx, device, message));
      if (taken === null) continue;
      const ids = taken.answerId === null ? [taken.id] : [taken.id, taken.answerId];
      news.messages(device.tenantId, taken.conversationId, ids);
      if (taken.answerId !== null || message.media !== undefined) wake(device.id);
    }
  }
}

async function take(
  tx: Transaction,
  device: { readonly id: number; readonly tenantId: number },
  message: InboundMessage,
): Promise<Taken | null> {
  const { id: deviceId, tenantId } = device;
  const { providerMessageId, phone, type, media, fromMe = false } = message;
  const at = sharpened(message.at, new Date());
  const text = message.text === null ? null : storable(message.text);
  const received = await receiveMessage(tx, {
    tenantId,
    deviceId,
    providerMessageId,
    phone,
    hiddenPhone: message.hiddenPhone ?? null,
    pushedName: message.pushedName === undefined ? null : storable(message.pushedName).slice(0, 120),
    type,
    text,
    at,
    fromMe,
  });
  if (received === null) return null;
  if (media) await noteMedia(tx, { tenantId, deviceId, inboundId: received.id }, media);
  if (fromMe) return { ...received, answerId: null };
  const settings = await readChatSettings(tx, tenantId);
  const occasion = { ...received, tenantId, deviceId, phone, text, at, settings };
  const optedOut = await heedOptOut(tx, occasion);
  return { ...received, answerId: optedOut ? optedOut.answerId : await answerOf(tx, occasion) };
}

const lastOfSecondMs = 999;
/** Older news (the device was away) keeps its second: nobody was there to say anything in between. */
const freshMs = 60_000;

/**
 * Providers tell whole seconds. The last instant of that second which is not to come is as true as its first, and a question
 * stays after the answer that went before it.
 */
function sharpened(at: Date, now: Date): Date {
  const agoMs = now.getTime() - at.getTime();
  if (at.getMilliseconds() !== 0 || agoMs <= 0 || agoMs > freshMs) return at;
  return new Date(Math.min(now.getTime(), at.getTime() + lastOfSecondMs));
}

/** Postgres holds no NUL and no half of a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, "\uFFFD");
}
