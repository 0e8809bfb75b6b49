import { computed, effect, inject, Injectable, signal, type Signal } from "@angular/core";
import { readChoice, storeChoice } from "../session/browser-storage.ts";
import type { Texts, Translated } from "./texts.ts";

export type Language = "es" | "en";

/** The language of the interface, changed while it runs. */
@Injectable({ providedIn: "root" })
export class I18n {
  readonly #language = signal<Language>(readChoice("language") === "en" ? "en" : "es");
  readonly language = this.#language.asReadonly();

  constructor() {
    effect(() => document.documentElement.setAttribute("lang", this.language()));
  }

  use(language: Language): void {
    this.#language.set(language);
    storeChoice("language", language);
  }

  of<T>(texts: Texts<T>): Signal<Translated<T>> {
    return computed(() => texts[this.language()]);
  }
}

/** Within a constructor or field: the texts in the language of the moment. */
export function useTexts<T>(texts: Texts<T>): Signal<Translated<T>> {
  return inject(I18n).of(texts);
}
