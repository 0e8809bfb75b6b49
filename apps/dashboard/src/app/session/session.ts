import { computed, Injectable, signal } from "@angular/core";
import type { Me, Role } from "@pregonero/client";
import { readChoice, storeChoice } from "./browser-storage.ts";

const rank: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };
const name = "token";

/** Who uses the dashboard. The token lives as long as the tab, or longer when its owner wants it. */
@Injectable({ providedIn: "root" })
export class Session {
  readonly #me = signal<Me | null>(null);
  #token: string | null = readChoice(name, () => sessionStorage) ?? readChoice(name);

  readonly me = this.#me.asReadonly();
  readonly isOperator = computed(() => this.#may("operator"));
  readonly isAdmin = computed(() => this.#may("admin"));
  /** Nobody signs in here: the server lets everybody in who is on its machine. */
  readonly isOpen = computed(() => this.#me()?.auth === "open");

  get token(): string | undefined {
    return this.#token ?? undefined;
  }

  begin(me: Me): void {
    this.#me.set(me);
  }

  /** @param remember whether the browser keeps the token when the tab is closed */
  take(token: string, remember: boolean): void {
    this.#token = token;
    storeChoice(name, remember ? null : token, () => sessionStorage);
    storeChoice(name, remember ? token : null);
  }

  end(): void {
    this.#token = null;
    storeChoice(name, null, () => sessionStorage);
    storeChoice(name, null);
    this.#me.set(null);
  }

  /** Pages of the server's own that are opened by their address take a cookie in the place of a header. */
  async openAdminPages(): Promise<void> {
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const answer = await fetch("/admin/session", { method: "POST", headers });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  }

  #may(role: Role): boolean {
    const me = this.#me();
    return me !== null && rank[me.role] >= rank[role];
  }
}
