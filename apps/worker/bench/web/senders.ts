import { randomBytes } from "node:crypto";
import type { Page } from "puppeteer";
import type { WhatsAppWebChannel } from "../../src/channels/whatsapp-web/whatsapp-web-channel.ts";
import type { Wpp } from "../../src/channels/whatsapp-web/page/wpp.ts";

/** Sends one message to the number; rejects when it did not go. */
export type Send = (to: string) => Promise<void>;

const text = "Hola, Ana. Tu pedido 4711 sale mañana.";

/** For the function that runs in the page. */
declare const window: { readonly WPP: Wpp };

export function ours(channel: WhatsAppWebChannel): Send {
  return async (to) => {
    const outcome = await channel.send({
      messageId: "bench",
      providerMessageId: freshId(),
      to,
      content: { kind: "text", text },
      notAfterMs: performance.now() + 30_000,
    });
    if (outcome.kind !== "sent") throw new Error(JSON.stringify(outcome));
  };
}

/** What one would write without us: wa-js called through `page.evaluate`, with the same options. */
export function bare(page: Page): Send {
  return async (to) => {
    const result = await page.evaluate(
      async (chatId, body, messageId) => {
        const options = { messageId, waitForAck: true, linkPreview: false, markIsRead: false };
        const { sendMsgResult } = await window.WPP.chat.sendTextMessage(chatId, body, options);
        return typeof sendMsgResult === "string" ? sendMsgResult : sendMsgResult?.messageSendResult;
      },
      `${to}@c.us`,
      text,
      `true_${to}@c.us_${freshId()}`,
    );
    if (result !== "OK") throw new Error(String(result));
  };
}

/** Numbers that nobody has written to. None ends in 0000: those are not on WhatsApp. */
export function* freshNumbers(first: number): Generator<string, never> {
  for (let number = first; ; number += 1) {
    if (number % 10_000 !== 0) yield String(number);
  }
}

/** Messages per second when one is sent after the other. */
export async function rateOf(send: Send, recipients: readonly string[]): Promise<number> {
  const beganAt = performance.now();
  for (const to of recipients) await send(to);
  return (recipients.length * 1_000) / (performance.now() - beganAt);
}

function freshId(): string {
  return `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
}
