import { DestroyRef, inject, Injectable, NgZone } from "@angular/core";
import type { ChatMessage, CrmEvent } from "@pregonero/client";
import { filter, map, type Observable, ReplaySubject, Subject, from } from "rxjs";
import { PREGONERO_CLIENT } from "./provide-pregonero";

export type WebSocketConnectionState = "disconnected" | "connecting" | "connected" | "error";

/** An answer in a conversation. */
export interface OutgoingMessage {
  readonly conversation_id: string;
  readonly text: string;
}

/**
 * What happens, as it happens. Reconnects by itself after 2^n seconds (30 at most), goes on where it stopped, and asks for what
 * is new while no WebSocket can be had: no event is missed or told twice.
 */
@Injectable({ providedIn: "root" })
export class WhatsAppRealtimeService {
  readonly #client = inject(PREGONERO_CLIENT);
  readonly #zone = inject(NgZone);
  readonly #events = new Subject<CrmEvent>();
  readonly #gaps = new Subject<void>();
  readonly #states = new ReplaySubject<WebSocketConnectionState>(1);
  #ends: (() => void)[] | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.disconnect());
  }

  /** Connects, unless it is connected, and tells the state of the connection: the present one first, then each change. */
  connect(): Observable<WebSocketConnectionState> {
    if (this.#ends === undefined) {
      // Timers and sockets of the connection are no reason to check the page; what they bring is.
      this.#zone.runOutsideAngular(() => {
        const live = this.#client.live();
        this.#tellState(live.state);
        this.#ends = [
          live.onState((state) => this.#tellState(state)),
          live.subscribe("crm", {
            snapshot: ({ reason }) => {
              if (reason !== "first") this.#zone.run(() => this.#gaps.next());
            },
            events: (events) => this.#zone.run(() => events.forEach((event) => this.#events.next(event))),
          }),
        ];
      });
    }
    return this.#states.asObservable();
  }

  /** Whether events come by polling, because no WebSocket can be had. */
  get polling(): boolean {
    return this.#ends !== undefined && this.#client.live().polling;
  }

  /** The data of each event of that type, from now on. */
  onMessage<T extends CrmEvent["type"]>(eventType: T): Observable<Extract<CrmEvent, { type: T }>["data"]>;
  // Callers that were written before events had types.
  // oxlint-disable-next-line typescript/no-explicit-any
  onMessage(eventType: string): Observable<any>;
  onMessage(eventType: string): Observable<unknown> {
    return this.#events.pipe(
      filter((event) => event.type === eventType),
      map((event) => event.data),
    );
  }

  /** The connection was away for longer than the server keeps events: what is shown has to be read anew. */
  onGap(): Observable<void> {
    return this.#gaps.asObservable();
  }

  /** Answers in a conversation, from its own device, before any campaign. Sent at once, whether anybody subscribes or not. */
  sendMessage(message: OutgoingMessage): Observable<ChatMessage> {
    const { conversation_id, text } = message;
    const sent = new ReplaySubject<ChatMessage>(1);
    from(this.#client.conversations.reply(conversation_id, { text })).subscribe(sent);
    return sent.asObservable();
  }

  disconnect(): void {
    if (this.#ends === undefined) return;
    for (const end of this.#ends) end();
    this.#ends = undefined;
    this.#client.live().close();
    this.#tellState("disconnected");
  }

  #tellState(state: WebSocketConnectionState): void {
    this.#zone.run(() => this.#states.next(state));
  }
}
