import type { OpenClaim, Outcome } from "@pregonero/db";
import type { Channel, LookupAnswer } from "../channels/channel.ts";
import type { Lease } from "../devices/lease.ts";
import { refusedOutcome, releasedOutcome } from "./outcomes.ts";

export interface SettlerDependencies {
  readonly lease: Lease;
  readonly channel: Channel;
  readonly readOpenClaims: () => Promise<OpenClaim[]>;
  readonly write: (outcome: Outcome) => void;
  /** Claims whose outcome this process knows and has not committed yet. */
  readonly owned: () => ReadonlySet<string>;
  readonly settleMs: number;
  /** A message that the provider's outbox holds for longer says that the session does not really send. */
  readonly ackTimeoutMs: number;
}

export interface Settled {
  /** Outcomes that stay open for now. */
  readonly open: number;
  /**
   * There are claims that the session does not know, whose call was made on the present page, which may still be at
   * it. Once the page is gone, not being found is a proof.
   */
  readonly needFreshPage: boolean;
  /** Messages have been in the outbox for too long: "connected" is not to be believed. */
  readonly stuck: boolean;
}

/**
 * Finds out what became of claims whose outcome could not be observed: asks the device's own session for the id that we
 * chose. Found with an ack: sent. In the outbox: wait. Not found in the same profile: proved not sent, tried again.
 */
export class Settler {
  readonly #deps: SettlerDependencies;
  /** Ambiguous ends of calls that were made on the present page. */
  readonly #onThisPage = new Set<string>();

  constructor(deps: SettlerDependencies) {
    this.#deps = deps;
  }

  /** A call on the present page ended without a known outcome. */
  ambiguous(providerMessageId: string): void {
    this.#onThisPage.add(providerMessageId);
  }

  /** The page that made earlier calls is gone. */
  freshPage(): void {
    this.#onThisPage.clear();
  }

  /**
   * Gives back what a claim left behind whose answer never reached us (the connection broke at the commit): under way
   * by the rows, unknown to this process. Only between turns, when no claim is being made.
   */
  async releaseUnanswered(): Promise<void> {
    const { lease, owned, readOpenClaims, write } = this.#deps;
    const ownedBefore = owned();
    for (const claim of await readOpenClaims()) {
      const unanswered = claim.state === "sending" && claim.epoch === lease.epoch;
      if (unanswered && !ownedBefore.has(claim.providerMessageId)) {
        write(releasedOutcome(claim.providerMessageId, new Date(), "claim_unanswered"));
      }
    }
  }

  /** One round over the device's open claims; the channel must be connected. */
  async settle(): Promise<Settled> {
    const { channel, lease, readOpenClaims, settleMs, write } = this.#deps;
    const claims = await readOpenClaims();
    const former = claims.filter((claim) => claim.state === "sending" && claim.epoch < lease.epoch);
    for (const claim of former) write(leftBehind(claim, settleMs));
    // Until then a former holder that was only slow may still begin its send.
    const unknown = claims.filter((claim) => claim.state === "unknown" && claim.sendByPassed);
    const waiting = claims.length - unknown.length;
    if (unknown.length === 0 || channel.settledByWebhook)
      return { open: claims.length, needFreshPage: false, stuck: false };

    const hints = new Map(unknown.map((claim) => [claim.providerMessageId, { to: claim.phone }]));
    const answers = await channel.lookup([...hints.keys()], hints);
    let open = waiting;
    let needFreshPage = false;
    let stuck = false;
    for (const claim of unknown) {
      const id = claim.providerMessageId;
      const answer = answers.get(id) ?? "dont_know";
      const silent = answer === "not_found" || answer === "dont_know";
      if (silent && this.#onThisPage.has(id)) {
        needFreshPage = true;
        open += 1;
        continue;
      }
      if (answer === "outbox" && claim.claimedAgoMs > this.#deps.ackTimeoutMs) stuck = true;
      const outcome = settledOutcome(claim, answer);
      if (outcome) write(outcome);
      else open += 1;
    }
    return { open, needFreshPage, stuck };
  }
}

function leftBehind(claim: OpenClaim, settleMs: number): Outcome {
  return {
    providerMessageId: claim.providerMessageId,
    state: "unknown",
    errorCode: "lease_lost",
    errorDetail: "the worker that was sending it was lost",
    settleMs,
    at: new Date(),
  };
}

function settledOutcome(claim: OpenClaim, answer: LookupAnswer): Outcome | null {
  const { providerMessageId } = claim;
  const at = new Date();
  switch (answer) {
    case "sent":
    case "delivered":
    case "read":
      return { providerMessageId, state: answer, at };
    case "not_found":
      if (!claim.inSession) return null;
      // Spends the attempt: a message that takes the page down with it must not do so for ever.
      return refusedOutcome(
        claim,
        {
          code: "provider_temporary",
          detail: "proved not sent: the session does not know it",
          retryAfterMs: 0,
        },
        { at, random: 0 },
      );
    case "failed":
      return refusedOutcome(
        claim,
        { code: "provider_temporary", detail: "the session's store says that it failed" },
        { at, random: Math.random() },
      );
    case "outbox":
    case "dont_know":
      return null;
  }
}
