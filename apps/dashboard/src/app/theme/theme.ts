import { effect, Injectable, signal } from "@angular/core";
import { readChoice, storeChoice } from "../session/browser-storage.ts";

export type ThemeChoice = "system" | "light" | "dark";

/** Light or dark: as the system has it, or as it was chosen here. */
@Injectable({ providedIn: "root" })
export class Theme {
  readonly #choice = signal<ThemeChoice>(stored());
  readonly #systemDark = signal(matchMedia("(prefers-color-scheme: dark)").matches);
  readonly choice = this.#choice.asReadonly();

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) =>
      this.#systemDark.set(matches),
    );
    effect(() => {
      const choice = this.choice();
      if (choice === "system") delete document.documentElement.dataset["theme"];
      else document.documentElement.dataset["theme"] = choice;
    });
  }

  /** For what cannot be coloured by CSS: charts on a canvas. */
  dark(): boolean {
    const choice = this.choice();
    return choice === "system" ? this.#systemDark() : choice === "dark";
  }

  use(choice: ThemeChoice): void {
    this.#choice.set(choice);
    storeChoice("theme", choice === "system" ? null : choice);
  }
}

function stored(): ThemeChoice {
  const value = readChoice("theme");
  return value === "light" || value === "dark" ? value : "system";
}
