import type { OutgoingMessage, SendOutcome } from "../channel.ts";
import { refused } from "../http/refusals.ts";

/** Longest text that Wablas takes, in characters. */
const longestText = 1_024;

/** Why Wablas cannot carry it, or null. */
export function refusalOf({ content }: OutgoingMessage): SendOutcome | null {
  if (content.kind === "file") return null;
  if (content.kind !== "text") return refused("rejected", "Wablas carries texts and files only");
  // Code points: an emoji counts once or a few times, never as its UTF-16 halves.
  const { length } = Array.from(content.text);
  if (length <= longestText) return null;
  return refused("rejected", `the text has ${length} characters, Wablas takes ${longestText}`);
}

/** The body of `POST /api/v2/send-message`, up to 100 messages. */
export function groupBody(messages: readonly OutgoingMessage[]): string {
  return JSON.stringify({
    data: messages.map(({ to, content, providerMessageId }) => ({
      phone: to,
      message: content.kind === "text" ? content.text : "",
      isGroup: "false",
      ref_id: providerMessageId,
    })),
  });
}
