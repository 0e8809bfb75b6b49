import type { StateFrame } from "@pregonero/contracts";
import { outgoing, type Outgoing } from "../wire.ts";
import type { StateSource } from "./state-sources.ts";

interface Made {
  readonly full: Map<string, Outgoing>;
  readonly masked: Map<string, Outgoing>;
}

/** Makes the frame of a state once for all sockets that it goes to. */
export class StateEncoder {
  readonly #made = new WeakMap<object, Made>();

  /** @param item the same object for all who are told the same */
  encode(channel: string, item: object, source: StateSource, masked: boolean): Outgoing | undefined {
    const made = this.#made.get(item) ?? { full: new Map(), masked: new Map() };
    this.#made.set(item, made);
    const byChannel = masked ? made.masked : made.full;
    const known = byChannel.get(channel);
    if (known) return known;
    const data = source.dataOf([item], masked);
    if (!data) return undefined;
    const frame: StateFrame = { type: "state", channel, data };
    const out = outgoing([JSON.stringify(frame)]);
    const topic = `${channel} ${source.topicOf(item)}`;
    const conflatable = { ...out, conflatable: { topic, lasting: null, newest: out } };
    byChannel.set(channel, conflatable);
    return conflatable;
  }
}
