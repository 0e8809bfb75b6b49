import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  linkedSignal,
  resource,
  signal,
} from "@angular/core";
import { toObservable, toSignal } from "@angular/core/rxjs-interop";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Schedule, ScheduleTarget, ScheduleTiming, ScrapingJob } from "@pregonero/client";
import { debounceTime } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { timeZones } from "../i18n/time-zones.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { presetNames, presetOf, presets, type Preset } from "./cron-presets.ts";
import { localTime } from "./local-time.ts";
import { schedulesTexts } from "./schedules.i18n.ts";

const typingMs = 300;
const hourMs = 3_600_000;

/** Plans runs of a campaign or a batch job. Opened with null for a new schedule. */
@Component({
  selector: "app-schedule-dialog",
  imports: [
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  templateUrl: "./schedule-dialog.html",
  styleUrl: "./schedule-dialog.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ScheduleDialog {
  readonly #api = inject(API);
  readonly #dialog = inject<MatDialogRef<ScheduleDialog, Schedule>>(MatDialogRef);
  protected readonly schedule = inject<Schedule | null>(MAT_DIALOG_DATA);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(schedulesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly presetNames = presetNames;
  protected readonly zones = timeZones();
  readonly #timing = this.schedule?.timing;

  protected readonly name = signal(this.schedule?.name ?? "");
  protected readonly target = signal<ScheduleTarget["kind"]>("campaign");
  protected readonly targetId = signal<string | null>(null);
  protected readonly kind = signal<ScheduleTiming["kind"]>(this.#timing?.kind ?? "cron");
  protected readonly at = signal(
    localTime(this.#timing?.kind === "once" ? new Date(this.#timing.run_at) : new Date(Date.now() + hourMs)),
  );
  protected readonly expression = signal<string>(
    this.#timing?.kind === "cron" ? this.#timing.expression : presets.weekly,
  );
  protected readonly preset = linkedSignal<Preset>(() => presetOf(this.expression()));
  protected readonly zone = signal(
    this.#timing?.kind === "cron" ? this.#timing.time_zone : (this.zones[0] ?? "UTC"),
  );
  protected readonly missed = signal(this.schedule?.missed ?? "catch_up");
  protected readonly overlap = signal(this.schedule?.overlap ?? "allow");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected readonly campaigns = resource({
    loader: async ({ abortSignal: signal }) =>
      this.schedule === null ? (await this.#api.campaigns.list({ limit: 200 }, { signal })).items : [],
  });
  protected readonly siteJobs = resource({
    params: () => (this.target() === "batch_scraping" ? true : undefined),
    loader: async ({ abortSignal: signal }) =>
      (await this.#api.scrapingJobs.list({ limit: 200 }, { signal })).items,
  });
  readonly #asked = computed(() => ({ expression: this.expression().trim(), time_zone: this.zone().trim() }));
  readonly #typed = toSignal(toObservable(this.#asked).pipe(debounceTime(typingMs)), {
    initialValue: this.#asked(),
  });
  protected readonly preview = resource({
    params: () => (this.kind() === "cron" && this.#typed().expression !== "" ? this.#typed() : undefined),
    loader: async ({ params, abortSignal: signal }) =>
      (await this.#api.schedules.preview(params, { signal })).runs,
  });
  protected readonly ready = computed(() => {
    if (this.name().trim() === "") return false;
    if (this.schedule === null && this.targetId() === null) return false;
    return this.kind() === "cron" ? this.preview.error() === undefined : this.at() !== "";
  });

  protected chooseTarget(kind: ScheduleTarget["kind"]): void {
    this.target.set(kind);
    this.targetId.set(null);
  }

  protected jobName({ name, progress, created_at: at }: ScrapingJob): string {
    return `${name ?? this.format.number(progress.total)} · ${this.format.dateTime(at)}`;
  }

  protected choose(preset: Preset): void {
    if (preset !== "own") this.expression.set(presets[preset]);
    this.preset.set(preset);
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.#dialog.close(await this.#saved());
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }

  #saved(): Promise<Schedule> {
    const timing: ScheduleTiming =
      this.kind() === "once"
        ? { kind: "once", run_at: new Date(this.at()).toISOString() }
        : { kind: "cron", ...this.#asked() };
    const fields = {
      name: this.name().trim(),
      timing,
      missed: this.missed(),
      overlap: this.overlap(),
    };
    if (this.schedule !== null) return this.#api.schedules.patch(this.schedule.id, fields);
    const id = this.targetId() ?? "";
    const target: ScheduleTarget =
      this.target() === "campaign"
        ? { kind: "campaign", campaign_id: id }
        : { kind: "batch_scraping", job_id: id };
    return this.#api.schedules.create({ ...fields, target });
  }
}
