import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { BotRule, Device } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { botTexts } from "./bot.i18n.ts";
import { wordsOf } from "./words.ts";

export interface RuleDialogData {
  /** Null: a new one. */
  readonly rule: BotRule | null;
  readonly devices: readonly Device[];
  /** Of a new one: behind all others. */
  readonly position: number;
}

const kinds: readonly BotRule["kind"][] = ["keyword", "away", "welcome"];
const matches: readonly BotRule["match"][] = ["contains", "starts_with", "exact"];
/** Minutes: who writes at night is told once that nobody is there. */
const quietMinutes = 240;

@Component({
  selector: "app-rule-dialog",
  imports: [
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  templateUrl: "./rule-dialog.html",
  styles: `
    mat-dialog-content {
      padding-top: 6px !important;
    }
    .pair {
      display: grid;
      grid-template-columns: 1fr 2fr;
      gap: 12px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RuleDialog {
  readonly #api = inject(API).bot;
  readonly #dialog = inject<MatDialogRef<RuleDialog, BotRule>>(MatDialogRef);
  protected readonly data = inject<RuleDialogData>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(botTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly kinds = kinds;
  protected readonly matches = matches;
  readonly #rule = this.data.rule;
  protected readonly name = signal(this.#rule?.name ?? "");
  protected readonly kind = signal(this.#rule?.kind ?? "keyword");
  protected readonly keywords = signal(this.#rule?.keywords.join(", ") ?? "");
  protected readonly match = signal(this.#rule?.match ?? "contains");
  protected readonly reply = signal(this.#rule?.reply ?? "");
  protected readonly deviceIds = signal<readonly number[]>(this.#rule?.device_ids ?? []);
  protected readonly position = signal(this.#rule?.position ?? this.data.position);
  /** Null until somebody chooses: the kind says how many. */
  readonly #cooldown = signal<number | null>(this.#rule?.cooldown_minutes ?? null);
  protected readonly cooldown = computed(
    () => this.#cooldown() ?? (this.kind() === "keyword" ? 0 : quietMinutes),
  );
  protected readonly ready = computed(
    () =>
      this.name().trim() !== "" &&
      this.reply().trim() !== "" &&
      (this.kind() !== "keyword" || wordsOf(this.keywords()).length > 0),
  );
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected setCooldown(minutes: number): void {
    this.#cooldown.set(minutes);
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const deviceIds = this.deviceIds();
    const rule = {
      name: this.name().trim(),
      keywords: this.kind() === "keyword" ? wordsOf(this.keywords()) : [],
      match: this.match(),
      reply: this.reply(),
      device_ids: deviceIds.length === 0 ? null : [...deviceIds],
      position: this.position(),
      cooldown_minutes: this.cooldown(),
    };
    try {
      const saved =
        this.#rule === null
          ? await this.#api.addRule({ ...rule, kind: this.kind() })
          : await this.#api.patchRule(this.#rule.id, rule);
      this.#dialog.close(saved);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
