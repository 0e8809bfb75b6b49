import type { ReceiveDesk, ChatNews } from "@pregonero/chat";
import {
  findMedia,
  mediaFailed,
  mediaFetched,
  messageOfMedia,
  takePendingMedia,
  type Database,
  type LeasedDevice,
  type PendingMedia,
} from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import type { BlobStore } from "@pregonero/storage";
import { buffer } from "node:stream/consumers";
import type { Channel, IncomingFile, OpenFile } from "./channels/channel.ts";
import { DeviceChat } from "./chat/device-chat.ts";

export interface ChatParts {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly news: ChatNews;
  readonly desk: ReceiveDesk;
}

/** A file that a message of ours carries, with its bytes. */
export function openFileOf({ db, blobs }: Pick<ChatParts, "db" | "blobs">): OpenFile {
  return async (tenantId, mediaId) => {
    const media = await findMedia(db.pool, tenantId, mediaId);
    if (media === null || media.storage_key === null) return null;
    const blob = await blobs.open(media.storage_key);
    if (blob === null) return null;
    const { type, content_type: contentType, filename } = media;
    return { type, contentType, filename, bytes: await buffer(blob.stream) };
  };
}

/** What is done with what comes in on a device of this worker. */
export function deviceChatOf(
  { db, blobs, news, desk }: ChatParts,
  device: LeasedDevice,
  log: Logger,
): (channel: Channel) => DeviceChat {
  const { id, tenantId } = device;
  const tell = async (media: PendingMedia): Promise<void> => {
    const message = await messageOfMedia(db.pool, media.id);
    // Not a new message, only a file that can be had from now on.
    if (message) news.conversation(tenantId, message.conversationId);
  };
  const store = async (media: PendingMedia, { bytes, contentType }: IncomingFile): Promise<void> => {
    const storageKey = `tenant/${media.tenantId}/chat-media/${media.id}`;
    await blobs.put(storageKey, bytes, { contentType });
    await mediaFetched(db, media.id, { contentType, bytes: bytes.length, storageKey });
    await tell(media);
  };
  return (channel) =>
    new DeviceChat(channel, {
      receive: (messages) => desk.receive({ id, tenantId }, messages),
      media: {
        take: (limit, putOffMs) => takePendingMedia(db, id, { limit, putOffMs }),
        store,
        failed: async (media, failure) => {
          await mediaFailed(db, media.id, failure);
          if (failure.retryMs === null) await tell(media);
        },
      },
      log,
    });
}
