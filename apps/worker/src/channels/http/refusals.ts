import type { ProviderVerdict } from "@pregonero/domain";
import type {
  ChannelListener,
  ConnectionState,
  OutgoingMessage,
  SendFailure,
  SendFailureCode,
  SendOutcome,
} from "../channel.ts";
import type { Exchange } from "./exchange.ts";

/** E.164 without the plus. */
const phonePattern = /^[1-9]\d{6,14}$/;

export function refused(code: SendFailureCode, detail: string): SendOutcome {
  return { kind: "refused", failure: { code, detail } };
}

/** Why a send is not even begun, or null. */
export function refusalBefore(
  { to, notAfterMs }: OutgoingMessage,
  state: ConnectionState,
): SendOutcome | null {
  if (!phonePattern.test(to)) {
    return refused("invalid_recipient", "not a phone number in international form");
  }
  if (state !== "connected") return refused("device_disconnected", `the device is ${state}`);
  if (performance.now() >= notAfterMs) return refused("not_started", "the lease had no time left");
  return null;
}

/** What a request without an answer means for its message. */
export function unanswered(ended: Exclude<Exchange, { kind: "answered" }>): SendOutcome {
  if (ended.kind === "lost") return { kind: "ambiguous", reason: `no whole answer: ${ended.reason}` };
  if (ended.why === "late") return refused("not_started", `not sent: ${ended.reason}`);
  return refused("device_disconnected", `the provider could not be reached: ${ended.reason}`);
}

/** A verdict of the domain's tables with what the provider itself said. */
export function failureOf(
  verdict: ProviderVerdict,
  told: { detail: string; providerCode?: string; retryAfterMs?: number | undefined },
): SendFailure {
  const retryAfterMs = told.retryAfterMs ?? verdict.retryAfterMs;
  return {
    code: verdict.code,
    detail: told.detail === "" ? verdict.meaning : `${verdict.meaning} (${told.detail})`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(told.providerCode === undefined ? {} : { providerCode: told.providerCode }),
  };
}

/** Alerts that one connection has given already: with hundreds of sends under way the provider says all of it at once. */
export class Alerts {
  readonly #listener: Pick<ChannelListener, "alert">;
  readonly #given = new Set<string>();

  constructor(listener: Pick<ChannelListener, "alert">) {
    this.#listener = listener;
  }

  give(code: string, detail: string): void {
    if (this.#given.has(code)) return;
    this.#given.add(code);
    this.#listener.alert(code, detail);
  }

  reset(): void {
    this.#given.clear();
  }
}
