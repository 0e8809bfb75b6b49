import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule } from "@angular/material/dialog";
import { RouterLink } from "@angular/router";
import { mdiCalendarClock } from "@mdi/js";
import type { Schedule, ScheduleRun } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Chip } from "../ui/chip.ts";
import { EmptyState } from "../ui/empty-state.ts";
import type { Tone } from "../ui/status-chip.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { schedulesTexts } from "./schedules.i18n.ts";

const tones: Readonly<Record<ScheduleRun["status"], Tone>> = {
  started: "ok",
  skipped: "warn",
  failed: "bad",
};

/** What became of each time of a schedule, newest first. */
@Component({
  selector: "app-schedule-history",
  imports: [Chip, EmptyState, MatButtonModule, MatDialogModule, RouterLink, RowTemplate, Table],
  template: `
    <h2 mat-dialog-title>{{ t().history.title(schedule.name) }}</h2>
    <mat-dialog-content>
      @if (list.begun() && list.items().length === 0) {
        <app-empty-state [icon]="icon" [title]="t().history.none" />
      } @else {
        <app-table
          [list]="list"
          [label]="t().history.title(schedule.name)"
          [columns]="columns()"
          [rowHeight]="52"
        >
          <ng-template appRow [of]="list" let-run>
            <div role="cell" class="cell">{{ format.dateTime(run.planned_at) }}</div>
            <div role="cell" class="cell">
              <app-chip [tone]="tones[run.status]">{{ t().history.statuses[run.status] }}</app-chip>
            </div>
            <div role="cell" class="cell soft main" [title]="detail(run)">{{ detail(run) }}</div>
            <div role="cell" class="cell end">
              @if (run.job_id !== null) {
                <a mat-dialog-close [routerLink]="['/job', run.job_id]">{{ t().history.open }}</a>
              }
            </div>
          </ng-template>
        </app-table>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button mat-flat-button mat-dialog-close>{{ ui().close }}</button>
    </mat-dialog-actions>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ScheduleHistory {
  readonly #api = inject(API).schedules;
  protected readonly schedule = inject<Schedule>(MAT_DIALOG_DATA);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(schedulesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icon = mdiCalendarClock;
  protected readonly tones = tones;
  protected readonly list = new KeysetList<ScheduleRun>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
      return this.#api.runs(this.schedule.id, query, { signal });
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t().history;
    return [
      { label: columns.planned, width: "130px" },
      { label: columns.status, width: "110px" },
      { label: columns.why, width: "minmax(120px, 1fr)" },
      { label: columns.job, width: "110px", end: true },
    ];
  });

  constructor() {
    void this.list.restart();
  }

  protected detail({ reason, missed, actor }: ScheduleRun): string {
    const { history } = this.t();
    const parts = [reason, actor === null ? null : history.by(actor)];
    if (missed > 0) parts.push(history.missed(this.format.number(missed)));
    return parts.filter((part) => part !== null).join(" · ");
  }
}
