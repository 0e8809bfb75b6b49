import { effect, inject, Injectable, signal } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { TitleStrategy, type RouterStateSnapshot } from "@angular/router";
import { useTexts } from "../i18n/i18n.ts";
import { shellTexts, type PageName } from "./shell.i18n.ts";

/** The title of the window: that of the route, in the language of the moment, or what the page itself says. */
@Injectable({ providedIn: "root" })
export class PageTitles extends TitleStrategy {
  readonly #title = inject(Title);
  readonly #t = useTexts(shellTexts);
  readonly #page = signal<PageName>("overview");
  readonly #own = signal<string | null>(null);

  constructor() {
    super();
    effect(() => this.#title.setTitle(`${this.#own() ?? this.#t().pages[this.#page()]} · Pregonero`));
  }

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const title = this.buildTitle(snapshot);
    this.#own.set(null);
    if (title !== undefined && title in this.#t().pages) this.#page.set(title as PageName);
  }

  /** Of pages about one thing: its name. */
  use(title: string): void {
    this.#own.set(title);
  }
}
