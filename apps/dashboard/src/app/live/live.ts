import { DestroyRef, inject, Injectable, signal } from "@angular/core";
import type { JobListener, RealtimeState } from "@pregonero/client";
import { API } from "../api/api.ts";

/** The live connection, opened by whoever needs it first and kept from then on. */
@Injectable({ providedIn: "root" })
export class Live {
  readonly #api = inject(API);
  readonly #state = signal<RealtimeState>("disconnected");
  #opened = false;

  readonly state = this.#state.asReadonly();

  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    const connection = this.#api.realtime();
    this.#state.set(connection.state);
    connection.onState((state) => this.#state.set(state));
  }

  /** After signing out nobody listens any more. */
  close(): void {
    this.#opened = false;
    this.#api.close();
    this.#state.set("disconnected");
  }

  /** @returns a function that ends it */
  followJob(jobId: string, listener: JobListener): () => void {
    this.open();
    return this.#api.realtime().subscribe(jobId, listener);
  }
}

/** Within a constructor or field: calls at once and then every so often, while the page is looked at. */
export function every(periodMs: number, work: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => clearInterval(timer);
  const go = () => {
    stop();
    if (document.hidden) return;
    timer = setInterval(work, periodMs);
  };
  const seen = () => {
    if (!document.hidden) work();
    go();
  };
  document.addEventListener("visibilitychange", seen);
  go();
  inject(DestroyRef).onDestroy(() => {
    stop();
    document.removeEventListener("visibilitychange", seen);
  });
}
