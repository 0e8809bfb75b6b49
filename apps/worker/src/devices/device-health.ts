import { monotonicMs } from "@pregonero/runtime";
import type { SendOutcome } from "../channels/channel.ts";

/**
 * What the end of a send means for the device that sent it.
 * - `slow`: the provider says "too fast"
 * - `aside`: nothing more for so long; its share goes to other devices
 */
export type HealthVerdict =
  | { readonly kind: "fine" }
  | { readonly kind: "slow"; readonly pauseMs: number }
  | { readonly kind: "aside"; readonly forMs: number; readonly reason: string; readonly alert: boolean };

/** So many failures in a row, and the circuit opens. */
const failuresToOpen = 5;
const firstAsideMs = 10_000;
const longestAsideMs = 10 * 60_000;
const rateLimitedMs = 1_000;
const hourMs = 3_600_000;
/** Nothing but a person ends it. */
const untilLookedAtMs = 7 * 24 * hourMs;

/**
 * The circuit breaker of a device. One failing message says nothing of the device; five in a row do. After a pause one
 * success closes the circuit, one more failure doubles the pause.
 */
export class DeviceHealth {
  readonly #now: () => number;
  #failures = 0;
  #opened = 0;
  #openUntilMs = 0;

  constructor(now: () => number = monotonicMs) {
    this.#now = now;
  }

  ended(outcome: SendOutcome): HealthVerdict {
    if (outcome.kind === "sent") return this.#fine();
    if (outcome.kind === "ambiguous") return this.#failed(outcome.reason);
    const { code, detail, retryAfterMs } = outcome.failure;
    switch (code) {
      case "not_on_whatsapp":
      case "invalid_recipient":
      case "rejected":
      case "opted_out":
      case "needs_template":
      case "template_rejected":
      case "recipient_rate_limited":
        // The provider answered: it is the message's fault.
        return this.#fine();
      case "provider_temporary":
        return this.#failed(detail);
      case "rate_limited":
        return { kind: "slow", pauseMs: retryAfterMs ?? rateLimitedMs };
      case "not_started":
      case "device_disconnected":
        return { kind: "fine" };
      case "device_banned":
        return { kind: "aside", forMs: retryAfterMs ?? hourMs, reason: detail, alert: true };
      case "spam_limited":
        return { kind: "aside", forMs: 24 * hourMs, reason: detail, alert: true };
      case "device_refused":
        return { kind: "aside", forMs: untilLookedAtMs, reason: detail, alert: true };
    }
  }

  #fine(): HealthVerdict {
    this.#failures = 0;
    this.#opened = 0;
    return { kind: "fine" };
  }

  #failed(why: string): HealthVerdict {
    this.#failures += 1;
    const enough = this.#failures >= failuresToOpen || this.#opened > 0;
    // Those that were under way when the circuit opened do not open it further.
    if (!enough || this.#now() < this.#openUntilMs) return { kind: "fine" };
    const forMs = Math.min(firstAsideMs * 2 ** this.#opened, longestAsideMs);
    this.#opened += 1;
    this.#failures = 0;
    this.#openUntilMs = this.#now() + forMs;
    return { kind: "aside", forMs, reason: `${failuresToOpen} failures in a row: ${why}`, alert: false };
  }
}
