import { LeaseLost, type ClaimedMessage } from "@pregonero/db";
import { monotonicMs } from "@pregonero/runtime";
import type { SendOutcome } from "../channels/channel.ts";
import type { ClaimRequest, Ready } from "./claim-store.ts";
import { Notifier } from "./notifier.ts";
import { outcomeOf, releasedOutcome } from "./outcomes.ts";
import type { TurnDependencies, TurnEnd } from "./turn-dependencies.ts";

/** A claim is refused unless its lease has at least so much left: time for the slowest usual send to begin. */
const sendMs = 3_000;
/** A send must have begun so much before the lease ends. */
const marginMs = 500;
/** A claim that waited longer than this is asked about again before it is sent: a pause must hold within a second. */
const freshMs = 250;
/** The least that one job gets before the next has its go, within one claim; a quarter of the claim when that is more. */
const minQuantum = 25;
/** Outcomes of this worker that may wait to be written before claims wait too. */
const maxBacklog = 2_000;
/** Claims held ready beyond what the channel can have under way, so that it never waits for the database. */
const readyAhead = 7;
/** Room for so many is worth a claim, however many the channel takes. */
const worthClaiming = 128;
/** Answers of people that are claimed at once, beyond whatever is claimed already. */
const urgentLimit = 8;
/** Without a word of new work, the rows are asked for answers so often while pacing holds everything else back. */
const urgentEveryMs = 1_000;

/**
 * One slice of work for a device: claims by fair share, keeps the channel full, hands outcomes to the writer, and ends
 * after a bounded time. Nothing is begun that was not claimed, and every claim ends in the writer.
 */
export class Turn {
  readonly #deps: TurnDependencies;
  readonly #notifier = new Notifier();
  readonly #ready: Ready[] = [];
  #underWay = 0;
  #claiming = false;
  /** People's answers may wait: they are asked for at once, and go before what is claimed already. */
  #urgent = true;
  #askedForUrgentMs = 0;
  #asking = false;
  #checking = false;
  /** Nothing more is claimed; what is held is still sent. */
  #ending: TurnEnd | undefined;
  /** Nothing more is begun: what is held is given back. */
  #stopped = false;

  constructor(deps: TurnDependencies) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<TurnEnd> {
    const untilMs = monotonicMs() + this.#deps.turnMs;
    const aborted = (): void => this.#notifier.notify();
    signal.addEventListener("abort", aborted);
    try {
      for (;;) {
        if (signal.aborted) this.#end("stopped");
        else if (monotonicMs() >= untilMs) this.#end("yielded");
        this.#beginReady();
        this.#claimMore();
        const busy = this.#claiming || this.#asking || this.#checking;
        const idle = this.#underWay === 0 && this.#ready.length === 0 && !busy;
        if (idle && this.#ending) return this.#ending;
        await this.#notifier.wait(this.#ending ? undefined : this.#pauseMs(untilMs));
      }
    } finally {
      signal.removeEventListener("abort", aborted);
    }
  }

  /** New work has come: look again even if pacing made the turn wait, or claims for a while are at hand. */
  nudge(): void {
    this.#urgent = true;
    if (this.#ending === "drained") this.#ending = undefined;
    this.#notifier.notify();
  }

  #end(how: TurnEnd): void {
    this.#ending ??= how;
    if (how === "stopped") this.#stopped = true;
    this.#releaseIfStopped();
  }

  #pauseMs(untilMs: number): number {
    const leftMs = Math.max(1, untilMs - monotonicMs());
    // A writer that is behind is looked at again soon.
    if (this.#deps.writer.backlog > maxBacklog) return 5;
    const paceMs = this.#deps.pace.waitMs();
    return paceMs > 0 ? Math.min(leftMs, paceMs, urgentEveryMs) : leftMs;
  }

  #claimMore(): void {
    if (this.#ending) return;
    const { channel, pace, writer } = this.#deps;
    const paced = pace.waitMs() > 0;
    if (this.#urgent || (paced && monotonicMs() - this.#askedForUrgentMs >= urgentEveryMs))
      this.#askForAnswers();
    // Outcomes that wait in memory are lost with the process: no more of them than are written in a moment.
    if (this.#claiming || paced || writer.backlog > maxBacklog) return;
    const capacity = channel.maxInFlight + (pace.limited ? 0 : readyAhead);
    const room = capacity - this.#underWay - this.#ready.length;
    if (room < (pace.limited ? 1 : Math.min(Math.ceil(capacity / 2), worthClaiming))) return;
    const limit = Math.min(room, Math.floor(pace.available()));
    if (limit < 1) return;
    this.#claiming = true;
    void this.#claim({ laneClass: "bulk", limit, ...pace.today() }).then((claimed) => {
      this.#claiming = false;
      if (claimed === 0 && !this.#urgent) this.#ending ??= "drained";
      this.#notifier.notify();
    });
  }

  /**
   * A person's answer waits neither for the pace of a campaign, nor behind what is claimed or being claimed of it, nor for
   * its daily cap.
   */
  #askForAnswers(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.#urgent = false;
    this.#askedForUrgentMs = monotonicMs();
    const wanted = {
      laneClass: "interactive",
      limit: urgentLimit,
      ...this.#deps.pace.today(),
      cap: null,
    } as const;
    void this.#claim(wanted).then((claimed) => {
      this.#asking = false;
      if (claimed === urgentLimit) this.#urgent = true;
      this.#notifier.notify();
    });
  }

  /** Never rejects. @returns how many were claimed; null when that is not known */
  async #claim(wanted: Pick<ClaimRequest, "laneClass" | "limit" | "day" | "cap">): Promise<number | null> {
    const { lease, log, pace, store } = this.#deps;
    const claimedAtMs = monotonicMs();
    const notAfterMs = lease.validUntilMs - marginMs;
    const quantum = Math.max(minQuantum, Math.ceil(wanted.limit / 4));
    try {
      const messages = await store.claim({ lease, quantum, sendMs, pace: pace.toKeep(), ...wanted });
      this.#hold(messages, { claimedAtMs, notAfterMs });
      this.#answersFirst();
      this.#releaseIfStopped();
      return messages.length;
    } catch (error) {
      if (error instanceof LeaseLost) lease.lose();
      else log.warn("claim failed", { error, device: lease.deviceId });
      this.#end("stopped");
      return null;
    }
  }

  /** Whatever was claimed when. */
  #answersFirst(): void {
    const rank = ({ message }: Ready): number => (message.laneClass === "interactive" ? 0 : 1);
    this.#ready.sort((a, b) => rank(a) - rank(b));
  }

  /** Keeps claims at hand; gives those back whose recipients have night, which spend neither pace nor the day's cap. */
  #hold(messages: readonly ClaimedMessage[], claimed: Omit<Ready, "message">): void {
    const { pace, writer } = this.#deps;
    let asleep = 0;
    for (const message of messages) {
      const quietMs = message.laneClass === "bulk" ? pace.recipientQuietMs(message.phone) : 0;
      if (quietMs === 0) this.#ready.push({ message, ...claimed });
      else {
        asleep += 1;
        writer.write(releasedOutcome(message.providerMessageId, new Date(), "quiet_hours", quietMs));
      }
    }
    pace.take(messages.length - asleep);
    this.#uncount(asleep);
  }

  #uncount(count: number): void {
    const { lease, log, pace, store } = this.#deps;
    const { day, cap } = pace.today();
    if (count === 0 || cap === null) return;
    store.uncount({ deviceId: lease.deviceId, day, count }).catch((error: unknown) => {
      log.warn("claims that were given back still count for the day", { error, count });
    });
  }

  #beginReady(): void {
    if (this.#checking) return;
    while (this.#ready.length > 0 && this.#underWay < this.#deps.channel.maxInFlight) {
      const next = this.#ready[0];
      if (!next) return;
      if (monotonicMs() >= next.notAfterMs) {
        this.#release(this.#ready.splice(0, 1));
        continue;
      }
      if (monotonicMs() - next.claimedAtMs > freshMs) {
        this.#confirmReady();
        return;
      }
      this.#ready.shift();
      this.#begin(next);
    }
  }

  /** Asks whether the claims at hand are still wanted; gives back those that are not. */
  #confirmReady(): void {
    this.#checking = true;
    const asked = this.#ready.splice(0);
    const claimedAtMs = monotonicMs();
    this.#deps.store
      .confirm(asked.map(({ message }) => message.providerMessageId))
      .then((wanted) => {
        const unwanted = asked.filter(({ message }) => !wanted.has(message.providerMessageId));
        this.#release(unwanted);
        const kept = asked.filter(({ message }) => wanted.has(message.providerMessageId));
        this.#ready.unshift(...kept.map((claim) => ({ ...claim, claimedAtMs })));
        this.#answersFirst();
        this.#releaseIfStopped();
      })
      .catch((error: unknown) => {
        this.#deps.log.warn("claims could not be confirmed", { error });
        this.#release(asked);
        this.#end("stopped");
      })
      .finally(() => {
        this.#checking = false;
        this.#notifier.notify();
      });
  }

  #begin({ message, notAfterMs }: Ready): void {
    this.#underWay += 1;
    this.#send(message, notAfterMs)
      .then((outcome) => this.#record(message, outcome))
      .finally(() => {
        this.#underWay -= 1;
        this.#notifier.notify();
      })
      .catch((error: unknown) =>
        this.#deps.log.error("a channel broke its promise never to reject", { error }),
      );
  }

  #send(message: ClaimedMessage, notAfterMs: number): Promise<SendOutcome> {
    const { channel, contents } = this.#deps;
    let content;
    try {
      content = contents.of(message);
    } catch (error) {
      // One bad row (written by hand, or by a release that knew more) fails, and does not end the turn of all others.
      const detail = error instanceof Error ? `it cannot be written: ${error.name}` : "it cannot be written";
      return Promise.resolve({ kind: "refused", failure: { code: "rejected", detail } });
    }
    return channel.send({
      messageId: message.messageId,
      providerMessageId: message.providerMessageId,
      to: message.phone,
      content,
      notAfterMs,
    });
  }

  #record(message: ClaimedMessage, outcome: SendOutcome): void {
    const { channel, writer, settleMs, ended } = this.#deps;
    const written = outcomeOf(message, outcome, { settleMs, at: new Date(), random: Math.random() });
    const named = channel.toldByProviderRef === true && outcome.kind === "sent" && outcome.providerRef;
    writer.write(named ? { ...written, providerRef: named } : written);
    ended(message, outcome);
    if (outcome.kind === "refused" && cannotSend.has(outcome.failure.code)) this.#end("stopped");
  }

  #releaseIfStopped(): void {
    if (this.#stopped) this.#release(this.#ready.splice(0));
  }

  #release(claims: readonly Ready[]): void {
    for (const { message } of claims)
      this.#deps.writer.write(releasedOutcome(message.providerMessageId, new Date()));
    this.#uncount(claims.length);
  }
}

/** Failures that say something of the device and not of the message. */
const cannotSend: ReadonlySet<string> = new Set([
  "not_started",
  "device_disconnected",
  "device_banned",
  "device_refused",
  "spam_limited",
]);
