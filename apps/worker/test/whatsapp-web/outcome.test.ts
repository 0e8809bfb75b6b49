import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../src/channels/channel.ts";
import { lookupAnswerOf, outcomeOf } from "../../src/channels/whatsapp-web/outcome.ts";
import type { SendReport } from "../../src/channels/whatsapp-web/page/messages.ts";

type How = Extract<SendReport, { phase: "ended" }>["how"];
type Why = Extract<SendReport, { phase: "not_begun" }>["why"];

const short = (outcome: SendOutcome): string => {
  if (outcome.kind === "sent") return `sent ${outcome.ack}`;
  return outcome.kind === "refused" ? outcome.failure.code : "ambiguous";
};

describe("the outcome of a send that was begun follows the store, not the result", () => {
  it.each<[How, string, number | null, string]>([
    ["resolved", "OK", 1, "sent sent"],
    ["resolved", "OK", 2, "sent delivered"],
    ["resolved", "OK", 3, "sent read"],
    ["resolved", "OK", 4, "sent read"],
    ["resolved", "OK", 5, "sent sent"],
    // The ack of the store may lag behind the answer.
    ["resolved", "OK", 0, "sent sent"],
    ["resolved", "OK", null, "sent sent"],
    ["resolved", "ERROR_NETWORK", 1, "sent sent"],
    ["resolved", "ERROR_NETWORK", 0, "ambiguous"],
    ["resolved", "ERROR_NETWORK", -1, "provider_temporary"],
    ["resolved", "ERROR_EXPIRED", -2, "provider_temporary"],
    ["resolved", "ERROR_UNKNOWN", null, "provider_temporary"],
    ["resolved", "", 0, "ambiguous"],
    ["resolved", "", null, "provider_temporary"],
    ["rejected", "boom", 1, "sent sent"],
    ["rejected", "boom", 0, "ambiguous"],
    ["rejected", "boom", -1, "provider_temporary"],
    ["rejected", "boom", null, "provider_temporary"],
    // As long as the call goes on, not even a failure or an absence is the last word.
    ["timed_out", "", 2, "sent delivered"],
    ["timed_out", "", 0, "ambiguous"],
    ["timed_out", "", -1, "ambiguous"],
    ["timed_out", "", null, "ambiguous"],
  ])("%s, %s, ack %s: %s", (how, result, ack, expected) => {
    expect(short(outcomeOf({ phase: "ended", how, result, ack, chatId: "1@c.us" }))).toBe(expected);
  });
});

describe("the outcome of a send that was not begun", () => {
  it.each<[Why, string]>([
    ["late", "not_started"],
    ["other_document", "not_started"],
    ["not_connected", "device_disconnected"],
    ["no_number", "not_on_whatsapp"],
    ["number_unknown", "provider_temporary"],
    ["no_chat", "provider_temporary"],
  ])("%s: %s", (why, expected) => {
    expect(short(outcomeOf({ phase: "not_begun", why, detail: "" }))).toBe(expected);
  });
});

describe("the answer of a lookup", () => {
  it.each([
    [-1, "failed"],
    [-2, "failed"],
    [0, "outbox"],
    [1, "sent"],
    [2, "delivered"],
    [3, "read"],
    [4, "read"],
    ["not_found", "not_found"],
    ["dont_know", "dont_know"],
    // Its call goes on: it may be stored the next moment.
    ["in_flight", "dont_know"],
  ] as const)("%s: %s", (answer, expected) => {
    expect(lookupAnswerOf(answer)).toBe(expected);
  });
});
