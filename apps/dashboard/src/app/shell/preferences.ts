import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatMenuModule } from "@angular/material/menu";
import { mdiCheck, mdiThemeLightDark, mdiTranslate, mdiWeatherNight, mdiWhiteBalanceSunny } from "@mdi/js";
import { I18n, useTexts, type Language } from "../i18n/i18n.ts";
import { Theme, type ThemeChoice } from "../theme/theme.ts";
import { Icon } from "../ui/icon.ts";
import { shellTexts } from "./shell.i18n.ts";

/** Language and theme. */
@Component({
  selector: "app-preferences",
  imports: [Icon, MatButtonModule, MatMenuModule],
  template: `
    <button mat-button class="language" [matMenuTriggerFor]="languages">
      <app-icon [path]="icons.language" />
      <span class="visually-hidden">{{ t().preferences.language }}</span>
      {{ i18n.language() === "es" ? "ES" : "EN" }}
    </button>
    <mat-menu #languages="matMenu">
      @for (language of languageNames; track language.code) {
        <button
          mat-menu-item
          role="menuitemradio"
          [attr.lang]="language.code"
          [attr.aria-checked]="i18n.language() === language.code"
          (click)="i18n.use(language.code)"
        >
          <span class="choice">
            {{ language.name }}
            @if (i18n.language() === language.code) {
              <app-icon [path]="icons.chosen" />
            }
          </span>
        </button>
      }
    </mat-menu>
    <button mat-icon-button [attr.aria-label]="t().preferences.theme" [matMenuTriggerFor]="themes">
      <app-icon [path]="icons[theme.choice()]" />
    </button>
    <mat-menu #themes="matMenu">
      @for (choice of themeChoices; track choice) {
        <button
          mat-menu-item
          role="menuitemradio"
          [attr.aria-checked]="theme.choice() === choice"
          (click)="theme.use(choice)"
        >
          <span class="choice">
            <app-icon [path]="icons[choice]" />
            {{ t().preferences[choice] }}
            @if (theme.choice() === choice) {
              <app-icon [path]="icons.chosen" />
            }
          </span>
        </button>
      }
    </mat-menu>
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
    }
    .language app-icon {
      font-size: 18px;
      margin-right: 4px;
      vertical-align: -4px;
    }
    .choice {
      display: flex;
      align-items: center;
      gap: 10px;
    }
    .language {
      min-width: 0;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Preferences {
  protected readonly i18n = inject(I18n);
  protected readonly theme = inject(Theme);
  protected readonly t = useTexts(shellTexts);
  protected readonly languageNames: readonly { code: Language; name: string }[] = [
    { code: "es", name: "Español" },
    { code: "en", name: "English" },
  ];
  protected readonly themeChoices: readonly ThemeChoice[] = ["system", "light", "dark"];
  protected readonly icons = {
    language: mdiTranslate,
    chosen: mdiCheck,
    system: mdiThemeLightDark,
    light: mdiWhiteBalanceSunny,
    dark: mdiWeatherNight,
  };
}
