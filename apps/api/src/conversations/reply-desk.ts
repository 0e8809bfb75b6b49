import type { ChatNews } from "@pregonero/chat";
import type { ChatMessage, ReplyCreate } from "@pregonero/contracts";
import {
  findChatMessage,
  findMedia,
  placeAnswer,
  readReplyTerms,
  writeAudit,
  type Actor,
  type Database,
  type NewAnswer,
  type Transaction,
} from "@pregonero/db";
import type { Announcer } from "../events/announcer.ts";
import { createOnce, type IdempotencyKey } from "../http/idempotency.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { reply } from "../http/route.ts";

/** What people answer in conversations: one transaction each, sent by the conversation's own device before campaigns. */
export class ReplyDesk {
  readonly #deps: { readonly db: Database; readonly announcer: Announcer; readonly news: ChatNews };

  constructor(deps: { db: Database; announcer: Announcer; news: ChatNews }) {
    this.#deps = deps;
  }

  /** @throws ApiProblem 404, 409, 422 */
  async place(who: Actor, id: string, wanted: ReplyCreate, idempotency: IdempotencyKey | null) {
    const { db, announcer, news } = this.#deps;
    return await createOnce(
      db,
      { tenantId: who.tenantId, idempotency },
      async (tx) => {
        const { message, deviceId } = await store(tx, who, id, wanted);
        return { made: { message, deviceId }, reply: reply(202, message) };
      },
      ({ message, deviceId }) => {
        announcer.deviceNeedsLook(deviceId);
        news.messages(who.tenantId, id, [message.id]);
      },
    );
  }
}

async function store(
  tx: Transaction,
  who: Actor,
  id: string,
  wanted: ReplyCreate,
): Promise<{ message: ChatMessage; deviceId: number }> {
  const terms = await readReplyTerms(tx, who.tenantId, id);
  if (!terms) throw notFound(`conversation with the id ${id}`);
  const { conversation, deviceGone, suppressed, wroteSince } = terms;
  if (deviceGone) {
    throw new ApiProblem(
      "conflict",
      "The device of this conversation was deleted: nobody can answer from it.",
    );
  }
  if (suppressed && !wroteSince) {
    throw new ApiProblem(
      "conflict",
      "This number has asked for no more messages. It can be answered as soon as it writes again.",
    );
  }
  const placed = await placeAnswer(tx, {
    conversationId: id,
    origin: "reply",
    by: who.actor,
    pastOptOut: suppressed,
    ...(await whatIsSent(tx, who, wanted)),
  });
  const message = placed && (await findChatMessage(tx, conversation, placed.messageId));
  if (!message) throw new Error("a reply that was just placed is not there");
  const detail = { job: placed.jobId };
  await writeAudit(tx, who, { action: "conversation.reply", subject: `conversation:${id}`, detail });
  return { message, deviceId: conversation.device_id };
}

async function whatIsSent(
  tx: Transaction,
  who: Actor,
  { text, media_id }: ReplyCreate,
): Promise<Pick<NewAnswer, "text" | "content" | "type">> {
  if (media_id === undefined) return { text: text ?? "", content: null, type: "text" };
  const media = await findMedia(tx, who.tenantId, media_id);
  if (media?.state !== "ready") {
    throw new ApiProblem("validation_failed", `There is no file with the id ${media_id}.`, {
      errors: [{ path: "media_id", message: "no such file" }],
    });
  }
  const caption = text === undefined ? {} : { caption: text };
  return { text: null, content: { kind: "file", media_id, ...caption }, type: media.type };
}
