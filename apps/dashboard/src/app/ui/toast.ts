import { inject, Injectable } from "@angular/core";
import { MatSnackBar } from "@angular/material/snack-bar";
import { ProblemTexts } from "../api/problem-text.ts";
import { problemTexts } from "../api/problems.i18n.ts";
import { useTexts } from "../i18n/i18n.ts";

const shortMs = 4_000;
/** A problem has more to be read. */
const longMs = 12_000;

/** What an action came to, told in passing. */
@Injectable({ providedIn: "root" })
export class Toast {
  readonly #bar = inject(MatSnackBar);
  readonly #texts = inject(ProblemTexts);
  readonly #t = useTexts(problemTexts);

  say(text: string): void {
    this.#bar.open(text, undefined, { duration: shortMs, politeness: "polite" });
  }

  problem(error: unknown): void {
    const { title, detail, advice } = this.#texts.of(error);
    const text = [`${title}.`, detail, advice].filter((part) => part !== "").join(" ");
    this.#bar.open(text, this.#t().close, { duration: longMs, politeness: "assertive" });
  }
}
