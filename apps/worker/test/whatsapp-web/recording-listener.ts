import type { ChannelListener } from "../../src/channels/channel.ts";

/** A listener that writes down what it is told, one line per event: `state connected`, `ack ID sent`, … */
export function recordingListener(): { listener: ChannelListener; heard: string[]; codes: string[] } {
  const heard: string[] = [];
  const codes: string[] = [];
  const note = (...words: (string | undefined)[]): void => {
    heard.push(words.filter((word) => word !== undefined).join(" "));
  };
  return {
    heard,
    codes,
    listener: {
      stateChanged: (state, reason) => note("state", state, reason),
      identified: (phone) => note("identified", phone),
      qr: (code) => {
        codes.push(code);
        note("qr");
      },
      ack: (id, ack) => note("ack", id, ack),
      inbound: ({ providerMessageId, phone, text }) =>
        note("inbound", providerMessageId, phone, text ?? undefined),
      alert: (code) => note("alert", code),
    },
  };
}
