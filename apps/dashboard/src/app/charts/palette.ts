import { computed, inject, Injectable, type Signal } from "@angular/core";
import { Theme } from "../theme/theme.ts";

const names = [
  "brand",
  "ok",
  "busy",
  "warn",
  "bad",
  "quiet",
  "line",
  "ink-soft",
  "surface-raised",
  "ink",
] as const;

export type Palette = Readonly<Record<(typeof names)[number], string>>;

/** The colours of the theme as a canvas understands them. */
@Injectable({ providedIn: "root" })
export class ChartPalette {
  readonly #theme = inject(Theme);

  readonly colours: Signal<Palette> = computed(() => {
    // Read again when the theme changes; the attribute that it sets may come a moment later.
    const dark = this.#theme.dark();
    const probe = document.createElement("span");
    probe.style.colorScheme = dark ? "dark" : "light";
    document.body.append(probe);
    const read = names.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color] as const;
    });
    probe.remove();
    return Object.fromEntries(read) as Palette;
  });
}
