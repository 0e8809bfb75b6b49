export { placeAnswer, type NewAnswer, type PlacedAnswer } from "./answers.ts";
export {
  addBotRule,
  deleteBotRule,
  findBotRule,
  listBotRules,
  listBotStatus,
  patchBotRule,
  writeBotStatus,
  type NewBotRule,
} from "./bot-rules.ts";
export { noteBotAnswer, readBotView, type BotView } from "./bot-view.ts";
export { conversationKey, findChatMessage, findConversationsOf, listChatMessages } from "./chat-messages.ts";
export { patchChatSettings, readChatSettings } from "./chat-settings.ts";
export { conversationsOfContact, findContact, listContacts, patchContact } from "./contacts.ts";
export {
  beginConversation,
  findConversation,
  listConversations,
  markConversationRead,
  patchConversation,
  readReplyTerms,
  type ConversationFilters,
  type ReplyTerms,
} from "./conversations.ts";
export {
  addUpload,
  findMedia,
  mediaFailed,
  mediaFetched,
  messageOfMedia,
  noteMedia,
  takePendingMedia,
  type PendingMedia,
  type StoredMedia,
  type TellOfMedia,
} from "./media.ts";
export { receiveMessage, type InboundRow, type Received } from "./receive.ts";
export {
  readCampaignStats,
  readDayStats,
  readDeviceStats,
  readTenantStats,
  type StatsRange,
} from "./stats.ts";
