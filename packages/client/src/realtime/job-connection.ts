import type { BulkClientFrame, JobFrame } from "@pregonero/contracts";
import { isJobFrame, isRefusal } from "./frames.ts";
import { StayingSocket, type Frame, type RealtimeState, type SocketOptions } from "./staying-socket.ts";

export interface JobListener {
  /** After a loss the present state comes again, as for whoever comes late. */
  frame(frame: JobFrame): void;
  /** The server has no such job, or will not let it be followed here. */
  refused?(error: string, code: string): void;
}

/** Jobs followed frame by frame, as the "bulk jobs" contract tells them, over losses of the connection. */
export class JobConnection {
  readonly #socket: StayingSocket;
  readonly #jobs = new Map<string, Set<JobListener>>();
  readonly #frameListeners = new Set<(frame: JobFrame) => void>();

  constructor({ url, ...options }: SocketOptions) {
    const user = {
      subprotocol: "pregonero",
      frame: (frame: Frame) => this.#received(frame),
      connected: () => this.#resubscribe(),
    };
    this.#socket = new StayingSocket({ url: `${url}?events=jobs`, ...options }, user);
  }

  get state(): RealtimeState {
    return this.#socket.state;
  }

  /** Whether a connection can be had at all here. */
  get possible(): boolean {
    return this.#socket.possible;
  }

  /** @returns a function that ends it */
  onState(listener: (state: RealtimeState) => void): () => void {
    return this.#socket.onState(listener);
  }

  /** Every frame about a job, of subscriptions and of jobs that are created. @returns a function that ends it */
  onFrame(listener: (frame: JobFrame) => void): () => void {
    this.#frameListeners.add(listener);
    return () => void this.#frameListeners.delete(listener);
  }

  connect(): void {
    this.#socket.connect();
  }

  close(): void {
    this.#socket.close();
  }

  /** Follows a job for as long as the connection is wanted, over losses. @returns a function that ends it */
  subscribe(jobId: string, listener: JobListener): () => void {
    const key = jobId.toLowerCase();
    const listeners = this.#jobs.get(key) ?? new Set();
    this.#jobs.set(key, listeners);
    listeners.add(listener);
    // For a second listener the server would tell nothing again; only a fresh subscription brings the present state.
    if (listeners.size > 1) this.#send({ type: "unsubscribe_job", job_id: key });
    this.#send({ type: "subscribe_job", job_id: key });
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#jobs.delete(key);
      this.#send({ type: "unsubscribe_job", job_id: key });
    };
  }

  #resubscribe(): void {
    for (const jobId of this.#jobs.keys()) this.#send({ type: "subscribe_job", job_id: jobId });
  }

  #received(frame: Frame): void {
    if (isJobFrame(frame)) this.#tell(frame);
    else if (isRefusal(frame)) {
      const listeners = this.#jobs.get(frame.job_id.toLowerCase()) ?? [];
      for (const listener of listeners) listener.refused?.(frame.error, frame.code);
    }
  }

  #tell(frame: JobFrame): void {
    for (const listener of this.#frameListeners) listener(frame);
    for (const listener of this.#jobs.get(frame.job_id) ?? []) listener.frame(frame);
  }

  #send(frame: BulkClientFrame): void {
    this.#socket.send(frame);
  }
}
