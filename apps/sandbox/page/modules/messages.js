import { define } from "../loader.js";

const sendResults = [
  "OK",
  "ERROR_NETWORK",
  "ERROR_EXPIRED",
  "ERROR_CANCELLED",
  "ERROR_UPLOAD",
  "ERROR_UNKNOWN",
];

function defineReceipts(outbox, inbox) {
  const handle = async ({ externalIds, from, ack }) => {
    for (const id of externalIds) outbox.raiseAck(inbox.ownKey(id, from), ack);
  };
  define("WAWebHandleChatSimpleReceipt", { handleChatSimpleReceipt: handle });
  define("WAWebHandleGroupSimpleReceipt", { handleGroupSimpleReceipt: handle });
  define("WAWebHandleStatusSimpleReceipt", { handleStatusSimpleReceipt: handle });
}

/** Sending, receipts, and what wa-js does around a send: marking as read, typing. */
export function defineMessages({ outbox, inbox, line }) {
  define("WAWebSendMsgChatAction", { addAndSendMsgToChat: async (chat, raw) => outbox.add(chat, raw) });
  define("WAWebSendMsgResultAction", {
    SendMsgResult: Object.fromEntries(sendResults.map((result) => [result, result])),
  });
  define("WAWebGetEphemeralFieldsMsgActionsUtils", { getEphemeralFields: () => ({}) });
  defineReceipts(outbox, inbox);
  define("WAWebUpdateUnreadChatAction", {
    sendSeen: async ({ chat }) => {
      chat.set("unreadCount", 0);
      line.send({ t: "seen", chat: String(chat.id) });
    },
    markUnread: async (chat) => chat.set("unreadCount", -1),
  });
  define("WAWebChatStateBridge", {
    markComposing: async () => undefined,
    markPaused: async () => undefined,
    markRecording: async () => undefined,
  });
}
