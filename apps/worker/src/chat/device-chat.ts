import type { InboundMessage } from "@pregonero/chat";
import type { Logger } from "@pregonero/runtime";
import type { Channel } from "../channels/channel.ts";
import { DeviceInbox } from "./device-inbox.ts";
import { MediaFetcher, type MediaFetcherOptions } from "./media-fetcher.ts";

export interface DeviceChatOptions {
  readonly receive: (messages: readonly InboundMessage[]) => Promise<void>;
  readonly media: Omit<MediaFetcherOptions, "fetch" | "log">;
  readonly log: Logger;
}

/** What people write to one device and what comes with it, as far as its channel tells of it itself. */
export class DeviceChat {
  readonly #channel: Channel;
  readonly #inbox: DeviceInbox;
  readonly #fetcher: MediaFetcher | null;

  constructor(channel: Channel, { receive, media, log }: DeviceChatOptions) {
    this.#channel = channel;
    this.#inbox = new DeviceInbox({ receive, log });
    this.#fetcher =
      channel.fetchMedia === undefined
        ? null
        : new MediaFetcher({
            ...media,
            // Asked for at each call: a channel's methods need the channel.
            fetch: (ref, signal) =>
              channel.fetchMedia?.(ref, signal) ?? Promise.reject(new Error("no files")),
            log,
          });
  }

  received(message: InboundMessage): void {
    this.#inbox.take(message);
  }

  /** Files may wait to be fetched. Only while the device is connected. */
  look(): void {
    this.#fetcher?.look();
  }

  /** @throws Error when the provider cannot be told */
  async markRead(phone: string, providerMessageId: string): Promise<void> {
    if (this.#channel.markRead === undefined)
      throw new Error("this kind of device cannot tell that it has read");
    await this.#channel.markRead(phone, providerMessageId);
  }

  /** Stores what is left, for at most `boundMs`. */
  async close(boundMs: number): Promise<void> {
    await Promise.all([this.#inbox.close(boundMs), this.#fetcher?.close()]);
  }
}
