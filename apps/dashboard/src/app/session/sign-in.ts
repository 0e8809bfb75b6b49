import { ChangeDetectionStrategy, Component, inject, input, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { Router } from "@angular/router";
import { mdiBullhornVariant, mdiEye, mdiEyeOff } from "@mdi/js";
import { PregoneroError } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Preferences } from "../shell/preferences.ts";
import { Icon } from "../ui/icon.ts";
import { Session } from "./session.ts";
import { signInTexts } from "./sign-in.i18n.ts";

@Component({
  selector: "app-sign-in",
  imports: [Icon, MatButtonModule, MatCheckboxModule, MatFormFieldModule, MatInputModule, Preferences],
  templateUrl: "./sign-in.html",
  styleUrl: "./sign-in.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignIn {
  /** Where whoever signs in was going. */
  readonly to = input<string>();
  readonly away = input<string>();

  readonly #api = inject(API);
  readonly #session = inject(Session);
  readonly #router = inject(Router);
  protected readonly t = useTexts(signInTexts);
  protected readonly busy = signal(false);
  protected readonly failure = signal<"wrong" | "away" | null>(null);
  protected readonly shown = signal(false);
  protected readonly icons = { logo: mdiBullhornVariant, show: mdiEye, hide: mdiEyeOff };

  protected async enter(event: Event, token: string, remember: boolean): Promise<void> {
    event.preventDefault();
    if (token.trim() === "") return;
    this.#session.take(token.trim(), remember);
    await this.#begin();
  }

  protected async again(): Promise<void> {
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.busy.set(true);
    this.failure.set(null);
    try {
      this.#session.begin(await this.#api.me());
      await this.#router.navigateByUrl(this.to() ?? "/");
    } catch (error) {
      const wrong = error instanceof PregoneroError && error.status === 401;
      if (wrong) this.#session.end();
      this.failure.set(wrong ? "wrong" : "away");
    } finally {
      this.busy.set(false);
    }
  }
}
