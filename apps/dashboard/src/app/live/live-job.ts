import { signal } from "@angular/core";
import type { JobFrame } from "@pregonero/client";

export interface LiveFigures {
  readonly sent: number;
  readonly failed: number;
  readonly total: number;
  readonly percentage: number;
}

/** A message that has just been sent or has failed. */
export interface LiveEvent {
  readonly id: number;
  readonly at: number;
  readonly phone: string;
  readonly deviceId: number | null;
  readonly error: string | null;
}

const eventsKept = 12;
/** Over so long the rate is measured, ms. */
const windowMs = 10_000;
/** Hidden pages get no frames of animation; their figures need not be smooth. */
const hiddenMs = 500;

/**
 * What a job's frames come to. Frames are gathered and folded once for each frame of the screen: what is drawn is the newest
 * state, however many events there were, and 200 of them in a second cost no more than sixty.
 */
export class LiveJob {
  readonly #figures = signal<LiveFigures | null>(null);
  readonly #events = signal<readonly LiveEvent[]>([]);
  readonly #perMinute = signal<number | null>(null);
  /** Counts changes of state: a reason to ask for the job anew. */
  readonly #changes = signal(0);
  readonly #samples: { at: number; done: number }[] = [];
  #pending: JobFrame[] = [];
  #scheduled = false;
  #made = 0;

  readonly figures = this.#figures.asReadonly();
  readonly events = this.#events.asReadonly();
  readonly perMinute = this.#perMinute.asReadonly();
  readonly changes = this.#changes.asReadonly();

  take(frame: JobFrame): void {
    this.#pending.push(frame);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.hidden) setTimeout(() => this.#fold(), hiddenMs);
    else requestAnimationFrame(() => this.#fold());
  }

  #fold(): void {
    const frames = this.#pending;
    this.#pending = [];
    this.#scheduled = false;
    const at = Date.now();
    const last = frames.at(-1);
    if (!last) return;
    const fresh = frames.flatMap((frame) => this.#eventOf(frame, at));
    this.#figures.set(last.progress);
    if (fresh.length > 0)
      this.#events.update((events) => [...fresh.reverse(), ...events].slice(0, eventsKept));
    if (frames.some(({ type }) => type !== "progress" && type !== "error"))
      this.#changes.update((count) => count + 1);
    this.#measure(at, last.progress.sent + last.progress.failed);
  }

  #eventOf(frame: JobFrame, at: number): LiveEvent[] {
    if (frame.type !== "progress" && frame.type !== "error") return [];
    if (frame.phone === "") return [];
    const error = frame.type === "error" ? frame.error : null;
    return [{ id: ++this.#made, at, phone: frame.phone, deviceId: frame.device_id, error }];
  }

  #measure(at: number, done: number): void {
    const samples = this.#samples;
    samples.push({ at, done });
    while ((samples[0]?.at ?? at) < at - windowMs) samples.shift();
    const first = samples[0];
    if (!first || at - first.at < 1_000) return;
    this.#perMinute.set(((done - first.done) / (at - first.at)) * 60_000);
  }
}
