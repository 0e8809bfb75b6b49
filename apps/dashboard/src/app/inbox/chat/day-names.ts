import { inject, Injectable } from "@angular/core";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { inboxTexts } from "../inbox.i18n.ts";

const dayMs = 86_400_000;

/** Days as people say them. */
@Injectable({ providedIn: "root" })
export class DayNames {
  readonly #format = inject(Format);
  readonly #t = useTexts(inboxTexts);

  of(iso: string): string {
    const at = new Date(iso).toDateString();
    if (at === new Date().toDateString()) return this.#t().today;
    if (at === new Date(Date.now() - dayMs).toDateString()) return this.#t().yesterday;
    return this.#format.date(iso);
  }

  time(iso: string): string {
    return this.#format.clock(iso).slice(0, 5);
  }

  /** Of today the time, else the day. */
  short(iso: string): string {
    return new Date(iso).toDateString() === new Date().toDateString() ? this.time(iso) : this.of(iso);
  }
}
