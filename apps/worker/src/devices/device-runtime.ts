import type { ClaimedMessage, Outcome } from "@pregonero/db";
import type { TurnConsumer } from "@pregonero/queue";
import { sleep } from "@pregonero/runtime";
import type { Channel, ChannelListener, ConnectionState, SendOutcome } from "../channels/channel.ts";
import type { DeviceChat } from "../chat/device-chat.ts";
import { Contents } from "../dispatch/content.ts";
import { Settler } from "../dispatch/settler.ts";
import { Turn } from "../dispatch/turn.ts";
import { AckWatch } from "./ack-watch.ts";
import { ConnectionKeeper } from "./connection-keeper.ts";
import { ContextRecycler } from "./context-recycler.ts";
import { DeviceHealth } from "./device-health.ts";
import type { DeviceRuntimeOptions } from "./device-runtime-options.ts";
import type { Lease } from "./lease.ts";

/** An admin's word holds until an admin's next. */
const untilTakenBackMs = 7 * 86_400_000;
/** How long a stop waits for messages that came in to be stored. */
const closeChatMs = 5_000;

/** One device under this worker's lease: its channel, its turns, its open questions. */
export class DeviceRuntime {
  readonly lease: Lease;
  readonly #options: DeviceRuntimeOptions;
  readonly #channel: Channel;
  readonly #keeper: ConnectionKeeper;
  readonly #settler: Settler;
  readonly #chat: DeviceChat;
  readonly #health = new DeviceHealth();
  readonly #contents = new Contents();
  readonly #acks: AckWatch;
  readonly #recycler: ContextRecycler;
  readonly #stopping = new AbortController();
  #consumer: TurnConsumer | undefined;
  #turn: Turn | undefined;
  #state: ConnectionState = "disconnected";
  #settling = false;
  #linked: boolean;

  constructor(options: DeviceRuntimeOptions) {
    this.#options = options;
    this.lease = options.lease;
    this.#linked = options.device.linked;
    this.#channel = options.openChannel(this.#listener());
    this.#chat = options.chat(this.#channel);
    this.#keeper = new ConnectionKeeper({
      channel: this.#channel,
      log: options.log,
      opened: () => {
        this.#settler.freshPage();
        this.#recycler.opened();
      },
    });
    this.#acks = new AckWatch({
      ackTimeoutMs: options.ackTimeoutMs,
      setAside: (aside, reason) => this.setAside(aside, reason),
      restart: () => {
        if (!this.#turn) this.restart();
      },
    });
    this.#recycler = new ContextRecycler({
      limits: options.recycle,
      usage: async (measureMemory) => (await this.#channel.usage?.(measureMemory)) ?? null,
    });
    this.#settler = new Settler({
      lease: options.lease,
      channel: this.#channel,
      readOpenClaims: () => options.store.readOpenClaims(options.device.id),
      write: (outcome: Outcome) => options.writer.write(outcome),
      owned: () => options.writer.owned(),
      settleMs: options.settleMs,
      ackTimeoutMs: options.ackTimeoutMs,
    });
  }

  get deviceId(): number {
    return this.#options.device.id;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get busy(): boolean {
    return this.#turn !== undefined;
  }

  start(): void {
    this.#keeper.start();
    void this.#consume();
  }

  /** New work: the turn under way looks again, or one is put in the queue. */
  wake(): void {
    // Before the queue was reset a turn put in it would be wiped out; the reset's end wakes.
    if (this.#stopping.signal.aborted || this.#state !== "connected" || !this.#consumer) return;
    // First what a person may wait for.
    if (this.#turn) this.#turn.nudge();
    else this.#options.turns.wake(this.deviceId).catch(() => undefined);
    this.#chat.look();
  }

  /** There has been work for a while and no turn has come: whatever the queue holds is not worth keeping. */
  async unstick(): Promise<void> {
    if (this.#turn || !this.#consumer) return;
    this.#options.log.warn("no turn came although there is work; the device's queue is reset");
    await this.#options.turns.reset(this.deviceId);
    this.wake();
  }

  /** Asks what became of open claims. Called about once a second. */
  async settle(): Promise<void> {
    if (this.#settling || this.#state !== "connected" || this.#stopping.signal.aborted) return;
    this.#settling = true;
    this.#chat.look();
    try {
      const { needFreshPage, stuck } = await this.#settler.settle();
      if (needFreshPage && !this.#turn) this.restart();
      await this.#acks.heed(stuck);
      await this.#recycler.look();
      if (!this.#turn) this.#recycleIfDue();
    } catch (error) {
      this.#options.log.warn("open claims could not be settled", { error });
    } finally {
      this.#settling = false;
    }
  }

  /** A new page on the same session. */
  restart(): void {
    this.#keeper.restart();
  }

  /** Tells the provider that a conversation was read. */
  markRead(phone: string, providerMessageId: string): Promise<void> {
    return this.#chat.markRead(phone, providerMessageId);
  }

  /** Only between two turns: nothing is under way then. @returns whether the context goes */
  #recycleIfDue(): boolean {
    const why = this.#recycler.due;
    if (why === null) return false;
    this.#options.log.info("the browser context is opened anew", { why });
    this.#recycler.opened();
    this.#keeper.recycle();
    return true;
  }

  pairingCode(phone: string): Promise<string> {
    return this.#channel.requestPairingCode(phone);
  }

  /** Puts the device aside, or takes it back: its share of the work goes to other devices meanwhile. */
  async setAside(aside: boolean, reason: string | null): Promise<void> {
    await this.#options.putAside(aside ? untilTakenBackMs : 0, reason);
    if (!aside) this.wake();
  }

  /** Gives the device's browser back until somebody links or opens it again; the session stays. */
  async release(): Promise<void> {
    this.#options.books.unwanted();
    await this.#options.books.settled();
  }

  /** Ends the session for good. */
  async logout(): Promise<void> {
    if (this.#state === "connected") await this.#channel.logout();
    this.#linked = false;
    this.#options.books.unlinked(false);
  }

  /**
   * Finishes what is under way (bounded), closes the browser gracefully so that the session is kept, and leaves the
   * lease to be released by the caller.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#consumer?.close(), sleep(this.#options.drainMs)]);
    await this.#options.writer.flush();
    await this.#keeper.stop();
    await this.#chat.close(closeChatMs);
    this.#options.books.connection("disconnected", null);
    await this.#options.books.settled();
  }

  /** The lease is somebody else's: nothing more is begun and the browser goes, since the new holder needs the profile. */
  async abandon(): Promise<void> {
    this.lease.lose();
    this.#stopping.abort();
    await Promise.all([this.#keeper.stop(), this.#consumer?.close(), this.#chat.close(closeChatMs)]);
  }

  async #consume(): Promise<void> {
    const { turns, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await turns.reset(this.deviceId);
        break;
      } catch (error) {
        log.warn("the device's queue could not be reset, trying again", { error });
        await sleep(500, this.#stopping.signal);
      }
    }
    if (this.#stopping.signal.aborted) return;
    this.#consumer = turns.consume(this.deviceId, (signal) => this.#runTurn(signal));
    this.wake();
  }

  async #runTurn(signal: AbortSignal): Promise<void> {
    if (this.#state !== "connected" || this.#recycleIfDue()) return;
    const { lease, store, writer, pace, log, turnMs, settleMs } = this.#options;
    await this.#settler.releaseUnanswered();
    const turn = new Turn({
      lease,
      channel: this.#channel,
      store,
      writer,
      pace,
      contents: this.#contents,
      log,
      turnMs,
      settleMs,
      ended: (message, outcome) => this.#ended(message, outcome),
    });
    this.#turn = turn;
    try {
      const end = await turn.run(AbortSignal.any([signal, this.#stopping.signal]));
      if (end === "yielded") this.#options.turns.wake(this.deviceId).catch(() => undefined);
    } finally {
      this.#turn = undefined;
    }
  }

  #ended(message: ClaimedMessage, outcome: SendOutcome): void {
    const { holdBack, log, pace, putAside, refused } = this.#options;
    if (outcome.kind === "ambiguous") this.#settler.ambiguous(message.providerMessageId);
    if (outcome.kind === "refused") refused(message, outcome.failure);
    const verdict = this.#health.ended(outcome);
    if (verdict.kind === "slow") {
      pace.slowDown(verdict.pauseMs);
      holdBack(verdict.pauseMs).catch((error: unknown) => log.warn("a back-off was not written", { error }));
    }
    if (verdict.kind !== "aside") return;
    log[verdict.alert ? "error" : "warn"]("device put aside", {
      reason: verdict.reason,
      forMs: verdict.forMs,
    });
    putAside(verdict.forMs, verdict.reason).catch((error: unknown) =>
      log.warn("the device could not be put aside", { error }),
    );
  }

  #listener(): ChannelListener {
    const { books, log, writer } = this.#options;
    return {
      stateChanged: (state, reason) => {
        this.#stateChanged(state, reason);
      },
      identified: (phone) => books.phone(phone),
      qr: (code) => books.connection("qr", null, code),
      ack: (providerMessageId, ack, at) => {
        // Of a failure the send's own outcome or the session's store tells more than the ack does.
        if (ack === "failed") void this.settle();
        else if (ack !== "pending") writer.write({ providerMessageId, state: ack, at });
      },
      inbound: (message) => this.#chat.received(message),
      alert: (code, detail) => log.warn("the provider warns", { code, detail }),
    };
  }

  #stateChanged(state: ConnectionState, reason: string | undefined): void {
    const { books, log } = this.#options;
    this.#state = state;
    log.info("device state", { state, reason });
    if (state === "qr" && this.#linked) {
      // Somebody unlinked it on the phone.
      this.#linked = false;
      books.unlinked(true);
    }
    if (state === "connected") this.#linked = true;
    // A QR is booked together with its code.
    if (state !== "qr") books.connection(state, reason ?? null);
    this.#keeper.stateChanged(state);
    if (state === "connected") {
      // Booked before anything is claimed: a claim counts as one of this session if it came after its link.
      void books.settled().then(() => {
        this.wake();
        void this.settle();
      });
    }
  }
}
