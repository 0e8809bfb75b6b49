import { randomBytes, randomInt } from "node:crypto";
import type { Faults } from "./faults.ts";
import type { Session } from "./accounts.ts";
import type { Timers } from "./timers.ts";

/** A page that shows a QR and waits to be linked. */
export interface LinkingPage {
  /** `staticKeyPair,identityKeyPair,secretKey` as they stand in the QR after the ref. */
  readonly keys: string;
  /** A ref to be shown, or null when the codes are used up until the page asks again. */
  showRef(ref: string | null): void;
  linked(session: Session): void;
}

interface Linking {
  readonly page: LinkingPage;
  ref: string | null;
  shown: number;
  pairing: { readonly code: string; readonly phone: string } | null;
  stopTimer: () => void;
}

export type Found =
  | { readonly kind: "page"; readonly page: LinkingPage }
  | { readonly kind: "gone" | "unknown" };

// Enough to tell "rotated away" from "never seen" for some hours of a few dozen pages.
const rememberedRefs = 20_000;

// WhatsApp leaves out what is easily mistaken: 0, I, O and U.
const pairingAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";

/** Hands out QR refs and pairing codes to pages that are not linked, and finds the page that shows a code. */
export class LinkDesk {
  readonly #rotateMs: number;
  readonly #faults: Faults;
  readonly #timers: Timers;
  readonly #linkings = new Map<LinkingPage, Linking>();
  readonly #byRef = new Map<string, Linking>();
  readonly #gone = new Set<string>();

  constructor(rotateMs: number, faults: Faults, timers: Timers) {
    this.#rotateMs = rotateMs;
    this.#faults = faults;
    this.#timers = timers;
  }

  open(page: LinkingPage): void {
    const linking: Linking = { page, ref: null, shown: 0, pairing: null, stopTimer: () => undefined };
    this.#linkings.set(page, linking);
    this.#rotate(linking);
  }

  /** The page asks for a new code, as with a click on "reload QR". */
  refresh(page: LinkingPage): void {
    const linking = this.#linkings.get(page);
    if (linking === undefined) return;
    linking.shown = 0;
    this.#rotate(linking);
  }

  close(page: LinkingPage): void {
    const linking = this.#linkings.get(page);
    if (linking === undefined) return;
    linking.stopTimer();
    this.#retire(linking);
    this.#linkings.delete(page);
  }

  /** A code of 8 characters that is good for this phone until the next one. Null when the page is linked already. */
  pairingCode(page: LinkingPage, phone: string): string | null {
    const linking = this.#linkings.get(page);
    if (linking === undefined) return null;
    const code = Array.from({ length: 8 }, () => pairingAlphabet[randomInt(pairingAlphabet.length)]).join("");
    linking.pairing = { code, phone };
    return code;
  }

  findByQr(code: string): Found {
    const [ref = "", ...keys] = code.split(",");
    const linking = this.#byRef.get(ref);
    if (linking !== undefined && linking.page.keys === keys.join(","))
      return { kind: "page", page: linking.page };
    return { kind: this.#gone.has(ref) ? "gone" : "unknown" };
  }

  findByPairing(code: string, phone: string): Found {
    const wanted = code.replaceAll("-", "").toUpperCase();
    for (const { page, pairing } of this.#linkings.values()) {
      if (pairing?.code === wanted && pairing.phone === phone) return { kind: "page", page };
    }
    return { kind: "unknown" };
  }

  #rotate(linking: Linking): void {
    linking.stopTimer();
    this.#retire(linking);
    const idleAfter = this.#faults.settings.qr_idle_after;
    if (idleAfter !== null && linking.shown >= idleAfter) {
      linking.page.showRef(null);
      return;
    }
    linking.shown += 1;
    linking.ref = `2@${randomBytes(48).toString("base64url")}`;
    this.#byRef.set(linking.ref, linking);
    linking.page.showRef(linking.ref);
    linking.stopTimer = this.#timers.cancellable(this.#rotateMs, () => this.#rotate(linking));
  }

  #retire(linking: Linking): void {
    if (linking.ref === null) return;
    this.#byRef.delete(linking.ref);
    this.#gone.add(linking.ref);
    linking.ref = null;
    if (this.#gone.size > rememberedRefs) {
      const [oldest] = this.#gone;
      if (oldest !== undefined) this.#gone.delete(oldest);
    }
  }
}
