import { NgTemplateOutlet } from "@angular/common";
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatSelectModule } from "@angular/material/select";
import { MatTabsModule } from "@angular/material/tabs";
import { RouterLink } from "@angular/router";
import { mdiBriefcaseOutline, mdiMagnify } from "@mdi/js";
import type { JobKind, JobStatus, SendMessagesJob } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { SiteJobs } from "../sites/site-jobs.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { PageHeader } from "../ui/page-header.ts";
import { SendProgressBar } from "../ui/send-progress.ts";
import { stateTexts } from "../ui/states.i18n.ts";
import { Status } from "../ui/status-chip.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { jobsTexts } from "./jobs.i18n.ts";

const refreshMs = 3_000;
const kinds: readonly JobKind[] = ["campaign", "bulk", "single"];
const statuses: readonly JobStatus[] = [
  "running",
  "pending",
  "scheduled",
  "paused",
  "completed",
  "failed",
  "cancelled",
];

@Component({
  selector: "app-jobs",
  imports: [
    EmptyState,
    MatButtonModule,
    MatFormFieldModule,
    MatSelectModule,
    MatTabsModule,
    NgTemplateOutlet,
    PageHeader,
    RouterLink,
    RowTemplate,
    SendProgressBar,
    SiteJobs,
    Status,
    Table,
  ],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead" />
    <mat-tab-group mat-stretch-tabs="false" animationDuration="0ms">
      <mat-tab [label]="t().tabs.messages">
        <ng-template matTabContent><ng-container *ngTemplateOutlet="messages" /></ng-template>
      </mat-tab>
      <mat-tab [label]="t().tabs.sites">
        <ng-template matTabContent><app-site-jobs /></ng-template>
      </mat-tab>
    </mat-tab-group>
    <ng-template #messages>
      <div class="filters">
        <mat-form-field>
          <mat-label>{{ t().kind }}</mat-label>
          <mat-select [value]="kind()" (selectionChange)="kind.set($event.value)">
            <mat-option [value]="null">{{ ui().all }}</mat-option>
            @for (option of kinds; track option) {
              <mat-option [value]="option">{{ t().kinds[option] }}</mat-option>
            }
          </mat-select>
        </mat-form-field>
        <mat-form-field>
          <mat-label>{{ t().state }}</mat-label>
          <mat-select [value]="status()" (selectionChange)="status.set($event.value)">
            <mat-option [value]="null">{{ ui().all }}</mat-option>
            @for (option of statuses; track option) {
              <mat-option [value]="option">{{ states().job[option] }}</mat-option>
            }
          </mat-select>
        </mat-form-field>
      </div>
      @if (list.begun() && list.items().length === 0 && !list.loading()) {
        <div class="card">
          @if (kind() === null && status() === null) {
            <app-empty-state [icon]="icons.jobs" [title]="t().none" [text]="t().noneText" />
          } @else {
            <app-empty-state [icon]="icons.search" [title]="ui().nothingFound" [text]="ui().nothingFoundText">
              <button mat-stroked-button (click)="kind.set(null); status.set(null)">{{ ui().clear }}</button>
            </app-empty-state>
          }
        </div>
      } @else {
        <app-table [list]="list" [label]="t().title" [columns]="columns()" [rowHeight]="56">
          <ng-template appRow [of]="list" let-job>
            <div role="cell" class="cell main">
              <a class="cover" [routerLink]="['/job', job.id]">{{ t().kinds[job.kind] }}</a>
              <div class="sub">{{ t().messages(format.number(job.total)) }} · {{ job.id.slice(-12) }}</div>
            </div>
            <div role="cell" class="cell"><app-status [job]="job.status" /></div>
            <div role="cell" class="cell grow"><app-send-progress [progress]="job.progress" /></div>
            <div role="cell" class="cell soft wide-only">{{ job.created_by }}</div>
            <div role="cell" class="cell end faint">{{ format.dateTime(job.created_at) }}</div>
          </ng-template>
        </app-table>
      }
    </ng-template>
  `,
  styles: `
    .filters {
      padding-top: 16px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobsPage {
  readonly #api = inject(API);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(jobsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly states = useTexts(stateTexts);
  protected readonly kinds = kinds;
  protected readonly statuses = statuses;
  protected readonly icons = { jobs: mdiBriefcaseOutline, search: mdiMagnify };
  protected readonly kind = signal<JobKind | null>(null);
  protected readonly status = signal<JobStatus | null>(null);

  protected readonly list = new KeysetList<SendMessagesJob>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [kind, status] = [this.kind(), this.status()];
      const query = {
        limit: 100,
        ...(kind === null ? {} : { kind }),
        ...(status === null ? {} : { status }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return this.#api.jobs.list(query, { signal });
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.job, width: "minmax(180px, 2fr)" },
      { label: columns.state, width: "130px" },
      { label: columns.progress, width: "minmax(140px, 1.5fr)" },
      { label: columns.by, width: "minmax(100px, 1fr)" },
      { label: columns.created, width: "130px", end: true },
    ];
  });

  constructor() {
    effect(() => {
      this.kind();
      this.status();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => void this.list.refresh());
  }
}
