import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  linkedSignal,
  resource,
  signal,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import { mdiClose, mdiPlus } from "@mdi/js";
import type { ChatSettings } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { timeZones } from "../../i18n/time-zones.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { Icon } from "../../ui/icon.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { botTexts } from "./bot.i18n.ts";
import { wordsOf } from "./words.ts";

type Hours = ChatSettings["business_hours"][number];
const workingWeek: Hours = { days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" };

/** When people are there, and what holds for all conversations. */
@Component({
  selector: "app-chat-settings-form",
  imports: [Icon, MatButtonModule, MatFormFieldModule, MatInputModule, MatSelectModule, ProblemBanner],
  templateUrl: "./chat-settings-form.html",
  styleUrl: "./chat-settings-form.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ChatSettingsForm {
  readonly #api = inject(API).bot;
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(botTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = { add: mdiPlus, remove: mdiClose };
  protected readonly zones = timeZones();
  protected readonly loaded = resource({
    loader: ({ abortSignal: signal }) => this.#api.settings({ signal }),
  });
  protected readonly form = linkedSignal<ChatSettings | undefined>(() =>
    this.loaded.hasValue() ? this.loaded.value() : undefined,
  );
  protected readonly optOut = linkedSignal(() =>
    this.loaded.hasValue() ? this.loaded.value().opt_out_words.join(", ") : "",
  );
  protected readonly dayNames = computed(() =>
    this.t()
      .settings.days.split(",")
      .map((name, index) => ({ name, day: index + 1 })),
  );
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected set(change: Partial<ChatSettings>): void {
    this.form.update((form) => form && { ...form, ...change });
  }

  protected addHours(): void {
    this.#hours((hours) => [...hours, workingWeek]);
  }

  protected removeHours(index: number): void {
    this.#hours((hours) => hours.toSpliced(index, 1));
  }

  protected setHours(index: number, change: Partial<Hours>): void {
    this.#hours((hours) => hours.map((row, at) => (at === index ? { ...row, ...change } : row)));
  }

  protected toggleDay(index: number, { days }: Hours, day: number): void {
    const changed = days.includes(day)
      ? days.filter((other) => other !== day)
      : [...days, day].toSorted((a, b) => a - b);
    // Without any day the row would mean nothing: it is taken away by its own button.
    if (changed.length > 0) this.setHours(index, { days: changed });
  }

  protected async save(): Promise<void> {
    const form = this.form();
    if (!form) return;
    this.busy.set(true);
    this.problem.set(null);
    const reply = form.opt_out_reply?.trim() ?? "";
    try {
      const saved = await this.#api.patchSettings({
        ...form,
        opt_out_words: wordsOf(this.optOut()),
        opt_out_reply: reply === "" ? null : reply,
      });
      this.loaded.set(saved);
      this.#toast.say(this.t().saved);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }

  #hours(change: (hours: Hours[]) => Hours[]): void {
    this.form.update((form) => form && { ...form, business_hours: change(form.business_hours) });
  }
}
