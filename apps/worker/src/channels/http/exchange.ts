import type { Dispatcher } from "undici";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** With the query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Past this instant of the process's monotonic clock (`performance.now()`, ms) nothing of it is written. */
  readonly notAfterMs: number;
  /** How long the whole answer may take once the request is being written, ms. */
  readonly answerMs: number;
}

/**
 * How a request ended. What counts is whether any of it may have reached the other side.
 * - `answered`: the whole answer is here.
 * - `not_sent`: proved that nothing was written: `late` past its deadline or given up before, `unreachable` no
 *   connection could be had.
 * - `lost`: it was being written, or had been, and no whole answer came.
 */
export type Exchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: string;
    }
  | { readonly kind: "not_sent"; readonly why: "late" | "unreachable"; readonly reason: string }
  | { readonly kind: "lost"; readonly reason: string };

/** Answers of the providers are a few hundred bytes; who sends more than this is not the provider. */
const longestAnswerBytes = 1_048_576;
const longestTimerMs = 2_147_483_647;

/** Never rejects. An abort after the request has begun to be written ends in `lost`. */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal?: AbortSignal,
): Promise<Exchange> {
  const call = new Call(request);
  const aborted = (): void => call.giveUp("aborted");
  if (signal?.aborted) aborted();
  else {
    signal?.addEventListener("abort", aborted, { once: true });
    const { method, path, headers, body = null } = request;
    dispatcher.dispatch({ method, path, headers, body }, call);
  }
  return call.ended.finally(() => signal?.removeEventListener("abort", aborted));
}

/**
 * undici tells when it is about to write a request to a connected socket. Errors before that prove that nothing has
 * left, whatever their code; errors after it prove nothing.
 */
class Call implements Dispatcher.DispatchHandler {
  readonly ended: Promise<Exchange>;
  readonly #request: HttpRequest;
  readonly #end: (exchange: Exchange) => void;
  #over = false;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(request: HttpRequest) {
    this.#request = request;
    let end: (exchange: Exchange) => void = () => undefined;
    this.ended = new Promise((resolve) => (end = resolve));
    this.#end = end;
    this.#wait(request.notAfterMs - performance.now(), "its deadline passed before a connection was free");
  }

  /** Ends it now, as what is known of it at this moment. */
  giveUp(reason: string): void {
    const begun = this.#controller !== undefined;
    this.#finish(begun ? { kind: "lost", reason } : { kind: "not_sent", why: "late", reason });
    this.#controller?.abort(new Error(reason));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici may write a request once more on another connection: never twice, whatever it thinks of the first.
    if (this.#controller !== undefined) this.giveUp("the connection was lost");
    else if (performance.now() >= this.#request.notAfterMs) this.giveUp("its deadline has passed");
    if (this.#over) {
      controller.abort(new Error("given up before it began"));
      return;
    }
    this.#controller = controller;
    this.#wait(this.#request.answerMs, "no whole answer in time");
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > longestAnswerBytes) this.giveUp("the answer is too long");
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).toString("utf8");
    this.#finish({ kind: "answered", status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const reason = reasonOf(error);
    const begun = this.#controller !== undefined;
    this.#finish(begun ? { kind: "lost", reason } : { kind: "not_sent", why: "unreachable", reason });
  }

  #wait(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.giveUp(reason), Math.min(Math.max(0, ms), longestTimerMs));
  }

  #finish(exchange: Exchange): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#end(exchange);
  }
}

/** The code says more than the message, and never holds an address. */
function reasonOf(error: Error): string {
  // Several addresses of a host were tried: each has its own error, and the first tells enough.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const told = first instanceof Error ? first : error;
  const code: unknown = Reflect.get(told, "code");
  return typeof code === "string" && code !== "UND_ERR_SOCKET" ? code : told.message;
}
