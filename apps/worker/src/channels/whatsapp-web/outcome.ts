import type { Ack, LookupAnswer, SendFailureCode, SendOutcome } from "../channel.ts";
import type { SendReport } from "./page/messages.ts";

type NotBegun = Extract<SendReport, { phase: "not_begun" }>;
type Ended = Extract<SendReport, { phase: "ended" }>;

/**
 * WhatsApp's acks: below 0 it failed (−1, and some rarer ones), 0 is the clock (in the outbox), 1 the server has it,
 * 2 the phone, 3 read, 4 played; 5 marks what is for one's own devices.
 */
export function ackOf(ack: number): Ack {
  if (ack < 0) return "failed";
  if (ack === 0) return "pending";
  if (ack === 2) return "delivered";
  return ack === 3 || ack === 4 ? "read" : "sent";
}

/** What the page's report on a send means for the message. */
export function outcomeOf(report: SendReport): SendOutcome {
  return report.phase === "not_begun" ? refusalOf(report) : endOf(report);
}

export function refused(code: SendFailureCode, detail: string): SendOutcome {
  return { kind: "refused", failure: { code, detail } };
}

function refusalOf({ why, detail }: NotBegun): SendOutcome {
  switch (why) {
    case "late":
      return refused("not_started", "the lease had no time left for the send");
    case "other_document":
      return refused("not_started", "the page is being loaded anew");
    case "not_connected":
      return refused("device_disconnected", `WhatsApp Web is not connected (${detail || "no mode"})`);
    case "no_number":
      return refused("not_on_whatsapp", "the number is not on WhatsApp");
    case "number_unknown":
      return refused("provider_temporary", `the number could not be checked: ${detail}`);
    case "no_chat":
      return refused("provider_temporary", `the chat could not be opened: ${detail}`);
  }
}

/**
 * A failed send resolves, and a rejected one may have put the message into the outbox before: what counts is what
 * WhatsApp's own store says of the id afterwards.
 */
function endOf({ how, result, ack }: Ended): SendOutcome {
  if (ack !== null && ack >= 1) return sentWith(ack);
  if (how === "timed_out") return { kind: "ambiguous", reason: "no answer from WhatsApp in time" };
  if (how === "resolved" && result === "OK") return { kind: "sent", ack: "sent" };
  const what = result === "" ? "no result" : result;
  // With the clock the message is in WhatsApp's outbox, which will send it when it can.
  if (ack === 0) return { kind: "ambiguous", reason: `${what}, and the message is in the outbox` };
  return refused("provider_temporary", ack === null ? `${what}, and nothing was stored` : what);
}

function sentWith(ack: number): SendOutcome {
  const word = ackOf(ack);
  return { kind: "sent", ack: word === "failed" ? "sent" : word };
}

/** What a lookup's answer from the page means. */
export function lookupAnswerOf(answer: number | "not_found" | "in_flight" | "dont_know"): LookupAnswer {
  if (answer === "in_flight") return "dont_know";
  if (typeof answer === "string") return answer;
  const ack = ackOf(answer);
  return ack === "pending" ? "outbox" : ack;
}
