import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatExpansionModule } from "@angular/material/expansion";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatRadioModule } from "@angular/material/radio";
import { MatSelectModule } from "@angular/material/select";
import { RouterLink } from "@angular/router";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Status } from "../../ui/status-chip.ts";
import { Draft, type Priority, type Senders, type Start, type UnknownPolicy } from "./draft.ts";
import { wizardTexts } from "./wizard.i18n.ts";

/** From which numbers, how fast and when. */
@Component({
  selector: "app-sending-step",
  imports: [
    MatButtonModule,
    MatCheckboxModule,
    MatExpansionModule,
    MatFormFieldModule,
    MatInputModule,
    MatRadioModule,
    MatSelectModule,
    ProblemBanner,
    RouterLink,
    Status,
  ],
  templateUrl: "./sending-step.html",
  styleUrl: "./sending-step.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SendingStep {
  protected readonly draft = inject(Draft);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(wizardTexts);
  protected readonly sendersOptions: readonly Senders[] = ["all", "pool", "some"];
  protected readonly starts: readonly Start[] = ["now", "later", "paused"];
  protected readonly priorities: readonly Priority[] = ["low", "normal", "high"];
  protected readonly policies: readonly UnknownPolicy[] = ["hold", "resend", "drop"];

  protected readonly forecast = computed((): readonly string[] => {
    const { seconds, perMinute, days, leftToday } = this.draft.estimate();
    const t = this.t().sending;
    if (seconds === null || perMinute === null) return [t.unlimited];
    const begin = this.draft.start() === "later" ? Date.parse(this.draft.startAt()) : Date.now();
    const end = new Date((Number.isNaN(begin) ? Date.now() : begin) + seconds * 1_000).toISOString();
    const rate = t.rate(this.format.number(perMinute, { maximumFractionDigits: 1 }));
    if (days > 1) return [rate, t.days(this.format.number(days), this.format.number(leftToday ?? 0))];
    return [rate, t.finish(this.format.dateTime(end), this.format.duration(seconds))];
  });

  protected toggle(id: number, on: boolean): void {
    this.draft.deviceIds.update((ids) => (on ? [...ids, id] : ids.filter((one) => one !== id)));
  }

  /** Null for what is no number. */
  protected whole(text: string): number | null {
    const value = Number.parseInt(text, 10);
    return Number.isInteger(value) && value > 0 ? value : null;
  }

  protected seconds(text: string): number {
    const value = Number(text.replace(",", "."));
    return Number.isFinite(value) && value >= 0 ? Math.min(value, 86_400) : 0;
  }
}
