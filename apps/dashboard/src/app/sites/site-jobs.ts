import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { Router, RouterLink } from "@angular/router";
import { mdiPlus, mdiWeb } from "@mdi/js";
import type { ScrapingJob } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { Status } from "../ui/status-chip.ts";
import { SiteJobDialog } from "./site-job-dialog.ts";
import { SiteProgress } from "./site-progress.ts";
import { sitesTexts } from "./sites.i18n.ts";

const refreshMs = 3_000;

/** Jobs that visit websites. */
@Component({
  selector: "app-site-jobs",
  imports: [EmptyState, Icon, MatButtonModule, RouterLink, RowTemplate, SiteProgress, Status, Table],
  template: `
    @if (list.begun() && list.items().length === 0) {
      <div class="card">
        <app-empty-state [icon]="icons.web" [title]="t().none" [text]="t().noneText">
          @if (session.isOperator()) {
            <button mat-flat-button (click)="add()">{{ t().add }}</button>
          }
        </app-empty-state>
      </div>
    } @else {
      @if (session.isOperator()) {
        <p class="tools">
          <button mat-flat-button (click)="add()"><app-icon [path]="icons.plus" />{{ t().add }}</button>
        </p>
      }
      <app-table [list]="list" [label]="t().columns.job" [columns]="columns()" [rowHeight]="56">
        <ng-template appRow [of]="list" let-job>
          <div role="cell" class="cell main">
            <a class="cover" [routerLink]="['/job', job.id]">
              {{ job.name ?? t().unnamed(format.number(job.progress.total)) }}
            </a>
            <div class="sub">{{ t().domains(format.number(job.progress.total)) }} · {{ job.created_by }}</div>
          </div>
          <div role="cell" class="cell"><app-status [job]="job.status" /></div>
          <div role="cell" class="cell grow"><app-site-progress [progress]="job.progress" /></div>
          <div role="cell" class="cell end wide-only">{{ format.number(job.progress.failed) }}</div>
          <div role="cell" class="cell end faint">{{ format.dateTime(job.created_at) }}</div>
        </ng-template>
      </app-table>
    }
  `,
  styles: `
    :host {
      display: block;
      padding-top: 16px;
    }
    .tools {
      margin-bottom: 12px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteJobs {
  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  readonly #router = inject(Router);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly icons = { plus: mdiPlus, web: mdiWeb };
  protected readonly list = new KeysetList<ScrapingJob>({
    key: ({ id }) => id,
    load: (cursor, signal) =>
      this.#api.scrapingJobs.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.job, width: "minmax(180px, 2fr)" },
      { label: columns.state, width: "130px" },
      { label: columns.progress, width: "minmax(140px, 1.5fr)" },
      { label: columns.failed, width: "80px", end: true },
      { label: columns.created, width: "130px", end: true },
    ];
  });

  constructor() {
    void this.list.restart();
    every(refreshMs, () => void this.list.refresh());
  }

  protected async add(): Promise<void> {
    const options = { width: "640px", maxWidth: "96vw" };
    const dialog = this.#dialog.open<SiteJobDialog, void, ScrapingJob>(SiteJobDialog, options);
    const made = await firstValueFrom(dialog.afterClosed());
    if (made) await this.#router.navigate(["/job", made.id]);
  }
}
