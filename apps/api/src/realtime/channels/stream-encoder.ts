import type { BusEvent, EventsFrame, StreamEvent } from "@pregonero/contracts";
import { formatPosition } from "@pregonero/queue";
import { maskPhone } from "@pregonero/runtime";
import { maskCrmEvent } from "../crm/mask-crm-event.ts";
import type { StreamBatch } from "../streams/stream-batch.ts";
import { outgoing, type Outgoing } from "../wire.ts";

/** Makes the frame of a batch once for all sockets that it goes to. */
export class StreamEncoder {
  readonly #full = new WeakMap<StreamBatch, Outgoing>();
  readonly #masked = new WeakMap<StreamBatch, Outgoing>();

  encode(channel: string, batch: StreamBatch, masked: boolean): Outgoing {
    const made = masked ? this.#masked : this.#full;
    const known = made.get(batch);
    if (known) return known;
    const out = outgoing([JSON.stringify(eventsFrame(channel, batch, masked))]);
    made.set(batch, out);
    return out;
  }
}

/** The same as an object, for those who ask over HTTP. */
export function eventsFrame(channel: string, batch: StreamBatch, masked: boolean): EventsFrame {
  return {
    type: "events",
    channel,
    first: batch.first,
    position: formatPosition(batch.position),
    events: batch.events.flatMap((event) => streamEvents(event, masked)),
  };
}

function streamEvents(event: BusEvent, masked: boolean): StreamEvent[] {
  if (event.type === "crm") return [masked ? maskCrmEvent(event.event) : event.event];
  if (event.type !== "messages") return [];
  return event.items.map(({ messageId, deviceId, phone, from, state, errorCode }) => ({
    type: "message",
    data: {
      message_id: messageId,
      device_id: deviceId,
      phone: masked ? maskPhone(phone) : phone,
      from,
      state,
      error_code: errorCode,
    },
  }));
}
