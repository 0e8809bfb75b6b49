import { BaseCollection } from "../collection.js";
import { define } from "../loader.js";
import {
  ACK,
  ChatCollection,
  ChatModel,
  ChatMsgsCollection,
  ContactCollection,
  ContactModel,
  GroupMetadataCollection,
  MsgCollection,
  MsgInfoCollection,
  MsgModel,
} from "../models.js";
import { Wid } from "../wid.js";

function defineModels(stores) {
  define("WAWebMsgModel", { MsgModel });
  define("WAWebChatModel", { ChatModel });
  define("WAWebContactModel", { ContactModel });
  define("WAWebMsgCollection", { MsgCollectionImpl: MsgCollection, MsgCollection: stores.msgs });
  define("WAWebChatCollection", { ChatCollectionImpl: ChatCollection, ChatCollection: stores.chats });
  define("WAWebChatMsgsCollection", { ChatMsgsCollection });
  define("WAWebContactCollection", {
    ContactCollectionImpl: ContactCollection,
    ContactCollection: stores.contacts,
  });
  define("WAWebMsgInfoCollection", { MsgInfoCollection: stores.msgInfos, default: MsgInfoCollection });
  define("WAWebGroupMetadataCollection", {
    default: stores.groups,
    GroupMetadataCollectionImpl: GroupMetadataCollection,
  });
}

/** Lists that wa-js listens to as soon as it starts. They are empty in these accounts. */
function defineEmptyLists() {
  define("WAWebBlocklistCollection", { BlocklistCollection: new BaseCollection() });
  define("WAWebPresenceCollection", { PresenceCollection: new BaseCollection() });
  define("WAWebStatusCollection", { StatusCollection: new BaseCollection() });
}

function defineLids(lids) {
  const getCurrentLid = (wid) => lids.lidOf(wid);
  define("WAWebApiContact", { getCurrentLid, getPhoneNumber: (wid) => lids.phoneOf(wid) });
  define("WAWebLidPnCache", {
    lidPnCache: {
      getCurrentLid,
      getPhoneNumber: (wid) => lids.phoneOf(wid),
      getAllLids: () => lids.all(),
      add: (_lid, { lid, phoneNumber }) => lids.learn(phoneNumber.user, lid.user),
    },
  });
}

/** Whether there is somebody behind a wid. Rejects when the network cannot be asked. */
async function queryWidExists(wid, { line, lids }) {
  const found = await line.ask({ t: "exists", wid: String(wid) });
  if (found === null) return null;
  lids.learn(found.phone, found.lid);
  return { wid: wid.isLid() ? wid : new Wid(`${found.phone}@c.us`), biz: false };
}

async function findOrCreateLatestChat(wid, { line, lids, session, stores }) {
  // An account that was migrated knows its chats by LID, whichever way they are asked for.
  if (session.lidChats && wid.server === "c.us" && lids.lidOf(wid) === undefined) {
    await queryWidExists(wid, { line, lids });
  }
  const id = session.lidChats ? (lids.lidOf(wid) ?? wid) : wid;
  const created = stores.chats.get(id) === undefined;
  return { chat: { id: stores.chat(id).id }, created };
}

/** Chats, messages and contacts, and how to find them. */
export function defineChats({ stores, lids, line, session }) {
  defineModels(stores);
  defineEmptyLists();
  defineLids(lids);
  define("WAWebAck", {
    ACK,
    ACK_STRING: { SENDER: "sender", DELIVERY: "delivery", READ: "read", PLAYED: "played" },
    EDIT_ATTR: { SENDER_REVOKE: 7, ADMIN_REVOKE: 8 },
  });
  define("WAWebQueryExistsJob", {
    queryWidExists: (wid) => queryWidExists(wid, { line, lids }),
    queryPhoneExists: (phone) => queryWidExists(new Wid(`${phone}@c.us`), { line, lids }),
  });
  define("WAWebFindChatAction", {
    findOrCreateLatestChat: (wid) => findOrCreateLatestChat(wid, { line, lids, session, stores }),
    findChat: async (wid) => stores.chat(wid),
  });
  define("WAWebChatMessageSearch", {
    getSearchContext: ({ chat, msgKey }) => stores.searchContext(chat, msgKey),
  });
}
