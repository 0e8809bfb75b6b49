import type { SendReport, SendRequest } from "./messages.ts";
import type { Files } from "./files.ts";
import type { Numbers } from "./numbers.ts";
import type { Wpp } from "./wpp.ts";

export interface Sender {
  send(request: SendRequest): Promise<SendReport>;
  /** Ids whose send has been begun and has not settled. */
  readonly inFlight: ReadonlySet<string>;
  /** Ids that this page was told to send, the newest of them. */
  readonly begun: ReadonlySet<string>;
}

/** Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has). */
export function createSender(wpp: Wpp, numbers: Numbers, files: Files): Sender {
  type NotBegun = Extract<SendReport, { phase: "not_begun" }>;
  type Ended = Extract<SendReport, { phase: "ended" }>;
  const begunLimit = 20_000;
  const inFlight = new Set<string>();
  const begun = new Set<string>();
  const notBegun = (why: NotBegun["why"], detail = ""): NotBegun => ({ phase: "not_begun", why, detail });
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const left = (untilMs: number): number => Math.max(0, untilMs - performance.now());

  const refusal = (request: SendRequest): NotBegun | null => {
    // After a reload the page's clock starts anew, and the deadlines of the request mean nothing.
    if (performance.timeOrigin !== request.timeOrigin) return notBegun("other_document");
    const { mode = "" } = wpp.conn.getStreamData();
    if (!wpp.conn.isAuthenticated() || mode !== "MAIN") return notBegun("not_connected", mode);
    // Checked here and not only in the worker: a worker that stands still must not send once its lease is over, and
    // this page runs on without it.
    return performance.now() < request.beginBeforeMs ? null : notBegun("late");
  };

  const chatOf = async (request: SendRequest): Promise<string | NotBegun> => {
    let { chatId } = request;
    if (chatId === null) {
      const answer = await numbers.exists(request.to, left(request.beginBeforeMs));
      if (answer.exists === "no") return notBegun("no_number");
      if (answer.exists === "dont_know") return notBegun("number_unknown", answer.detail);
      chatId = answer.chatId;
    }
    try {
      // The chat may turn out to be `…@lid`, and the message's key must name the chat as it is: wa-js refuses others.
      return (await wpp.chat.find(chatId)).id.toString();
    } catch (error) {
      return notBegun("no_chat", messageOf(error));
    }
  };

  const hand = (chatId: string, key: string, { text, file }: SendRequest) => {
    const common = { messageId: key, waitForAck: true, markIsRead: false };
    // No link preview: wa-js would ask third-party servers about the links in a customer's message.
    if (file === null) return wpp.chat.sendTextMessage(chatId, text, { ...common, linkPreview: false });
    return wpp.chat.sendFileMessage(chatId, `data:${file.contentType};base64,${files.take(file.name)}`, {
      ...common,
      type: file.type,
      mimetype: file.contentType,
      ...(file.filename === null ? {} : { filename: file.filename }),
      ...(text === "" ? {} : { caption: text }),
      waveform: false,
    });
  };

  const call = (chatId: string, key: string, request: SendRequest): Promise<Pick<Ended, "how" | "result">> =>
    hand(chatId, key, request)
      .then(({ sendMsgResult: sent }) => {
        const result = typeof sent === "string" ? sent : sent?.messageSendResult;
        return { how: "resolved" as const, result: result ?? "" };
      })
      .catch((error: unknown) => ({ how: "rejected" as const, result: messageOf(error) }));

  /** wa-js has no time limit: a send that never settles would hold the caller for ever. */
  const callWithin = async (chatId: string, key: string, request: SendRequest): Promise<SendReport> => {
    inFlight.add(request.id);
    begun.add(request.id);
    for (const oldest of begun) {
      if (begun.size <= begunLimit) break;
      begun.delete(oldest);
    }
    const sending = call(chatId, key, request).finally(() => inFlight.delete(request.id));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<Pick<Ended, "how" | "result">>((resolve) => {
      timer = setTimeout(() => resolve({ how: "timed_out", result: "" }), left(request.endByMs));
    });
    const { how, result } = await Promise.race([sending, tooLong]);
    clearTimeout(timer);
    return { phase: "ended", how, result, ack: wpp.whatsapp.MsgStore.get(key)?.ack ?? null, chatId };
  };

  const send = async (request: SendRequest): Promise<SendReport> => {
    let chatId: string;
    try {
      const early = refusal(request);
      if (early !== null) return early;
      const chat = await chatOf(request);
      if (typeof chat !== "string") return chat;
      const late = refusal(request);
      if (late !== null) return late;
      // The page was loaded anew since the file was handed over.
      if (request.file !== null && !files.has(request.file.name)) return notBegun("other_document");
      chatId = chat;
    } catch (error) {
      return notBegun("no_chat", messageOf(error));
    }
    return callWithin(chatId, `true_${chatId}_${request.id}`, request);
  };

  return { send, inFlight, begun };
}
