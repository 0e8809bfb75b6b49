import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatSelectModule } from "@angular/material/select";
import { RouterLink } from "@angular/router";
import { mdiWeb } from "@mdi/js";
import type { ScrapingStep, ScrapingStepStatus } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Chip } from "../ui/chip.ts";
import { EmptyState } from "../ui/empty-state.ts";
import type { Tone } from "../ui/status-chip.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { sitesTexts } from "./sites.i18n.ts";

const refreshMs = 2_000;
const tones: Readonly<Record<ScrapingStepStatus, Tone>> = {
  pending: "quiet",
  running: "busy",
  completed: "ok",
  failed: "bad",
  cancelled: "quiet",
  skipped: "warn",
};
const statuses = Object.keys(tones) as readonly ScrapingStepStatus[];

/** The domains of a job, and what became of each. */
@Component({
  selector: "app-site-steps",
  imports: [Chip, EmptyState, MatFormFieldModule, MatSelectModule, RouterLink, RowTemplate, Table],
  template: `
    <div class="filters">
      <mat-form-field>
        <mat-label>{{ t().steps.state }}</mat-label>
        <mat-select [value]="status()" (selectionChange)="status.set($event.value)">
          <mat-option [value]="null">{{ ui().all }}</mat-option>
          @for (option of statuses; track option) {
            <mat-option [value]="option">{{ t().steps.statuses[option] }}</mat-option>
          }
        </mat-select>
      </mat-form-field>
    </div>
    @if (list.begun() && list.items().length === 0 && !list.loading()) {
      <div class="card"><app-empty-state [icon]="icon" [title]="t().steps.none" /></div>
    } @else {
      <app-table [list]="list" [label]="t().tabs.steps" [columns]="columns()" [rowHeight]="56">
        <ng-template appRow [of]="list" let-step>
          <div role="cell" class="cell main">
            @if (step.result_data?.report_id; as report) {
              <a
                class="cover"
                [routerLink]="['/reports', report]"
                [attr.aria-label]="t().steps.report(step.name)"
                >{{ step.name }}</a
              >
            } @else {
              <strong>{{ step.name }}</strong>
            }
          </div>
          <div role="cell" class="cell">
            <app-chip [tone]="tones[step.status]">{{ t().steps.statuses[step.status] }}</app-chip>
          </div>
          <div role="cell" class="cell soft grow" [title]="step.error_message ?? ''">{{ found(step) }}</div>
          <div role="cell" class="cell end" [attr.data-label]="t().steps.columns.load">{{ load(step) }}</div>
          <div role="cell" class="cell end" [attr.data-label]="t().steps.columns.tries">
            {{ format.number(step.attempts) }}
          </div>
        </ng-template>
      </app-table>
    }
  `,
  styles: `
    :host {
      display: block;
      padding-top: 16px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteSteps {
  readonly jobId = input.required<string>();
  readonly moving = input.required<boolean>();
  readonly #api = inject(API).scrapingJobs;
  protected readonly table = viewChild<Table<ScrapingStep>>(Table);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icon = mdiWeb;
  protected readonly tones = tones;
  protected readonly statuses = statuses;
  protected readonly status = signal<ScrapingStepStatus | null>(null);
  protected readonly list = new KeysetList<ScrapingStep>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const status = this.status();
      const query = {
        limit: 200,
        ...(status === null ? {} : { status }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return this.#api.steps(this.jobId(), query, { signal });
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t().steps;
    return [
      { label: columns.domain, width: "minmax(160px, 1.2fr)" },
      { label: columns.state, width: "130px" },
      { label: columns.found, width: "minmax(160px, 2fr)" },
      { label: columns.load, width: "100px", end: true },
      { label: columns.tries, width: "80px", end: true },
    ];
  });

  constructor() {
    effect(() => {
      this.status();
      this.jobId();
      // The end of the job is worth a look, too.
      this.moving();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => {
      if (!this.moving()) return;
      const { first, last } = this.table()?.seen() ?? { first: 0, last: 0 };
      void this.list.refresh(first, last);
    });
  }

  protected found({ error_code: code, result_data: result }: ScrapingStep): string {
    if (code !== null) return this.t().steps.errors[code];
    return [result?.http_status, result?.title].filter(Boolean).join(" · ");
  }

  protected load({ result_data: result }: ScrapingStep): string {
    const ms = result?.load_ms;
    return ms ? this.t().steps.ms(this.format.number(Math.round(ms))) : "–";
  }
}
