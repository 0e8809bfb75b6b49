import { busChannel } from "@pregonero/contracts";
import { parsePosition } from "@pregonero/queue";
import type { Logger } from "@pregonero/runtime";
import type { StreamFeeds } from "../streams/stream-feeds.ts";
import { parseChannel } from "./channel-name.ts";
import { snapshotOf } from "./channel-reader.ts";
import { MessageStreamSubscription } from "./message-stream.ts";
import { StateEncoder } from "./state-encoder.ts";
import { stateSource, type StateDeps } from "./state-sources.ts";
import { StateSubscription } from "./state-subscription.ts";
import { StreamEncoder } from "./stream-encoder.ts";
import { StreamSubscription, type StreamSource } from "./stream-subscription.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

export interface ChannelDeskDeps extends StateDeps {
  readonly feeds: StreamFeeds;
  readonly log: Logger;
}

/** Opens channels for subscribers of this process. */
export class ChannelDesk {
  readonly #deps: ChannelDeskDeps;
  readonly #states = new StateEncoder();
  readonly #streams = new StreamEncoder();

  constructor(deps: ChannelDeskDeps) {
    this.#deps = deps;
  }

  /** @returns undefined when no channel is called that; whether the tenant has it shows when it starts */
  open(channel: string, subscriber: Subscriber, after?: string): Subscription | undefined {
    const name = parseChannel(channel);
    if (!name) return undefined;
    const { tenantId } = subscriber.principal;
    const position = after === undefined ? undefined : parsePosition(after);
    switch (name.kind) {
      case "messages": {
        const source = this.#stream(channel, busChannel.job(name.jobId));
        return new MessageStreamSubscription(name.jobId, this.#deps.watches, source, subscriber, position);
      }
      case "crm": {
        const source = this.#stream(channel, busChannel.crm(tenantId));
        return new StreamSubscription(source, subscriber, position);
      }
      case "job":
      case "jobs":
      case "device":
      case "devices":
      case "stats": {
        const deps = { encoder: this.#states, log: this.#deps.log };
        return new StateSubscription(channel, stateSource(name, tenantId, this.#deps), subscriber, deps);
      }
    }
  }

  #stream(channel: string, onBus: string): StreamSource {
    return {
      channel,
      busChannel: onBus,
      snapshot: snapshotOf(channel),
      feeds: this.#deps.feeds,
      encoder: this.#streams,
    };
  }
}
