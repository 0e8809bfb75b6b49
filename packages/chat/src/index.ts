export { ChatNews, type ChatNewsDeps, type MovedInChat } from "./chat-news.ts";
export { ReceiveDesk, type InboundMessage, type ReceiveDeskDeps } from "./receive-desk.ts";
