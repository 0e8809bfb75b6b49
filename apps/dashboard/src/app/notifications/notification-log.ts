import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatSelectModule } from "@angular/material/select";
import { RouterLink } from "@angular/router";
import { mdiBellOutline } from "@mdi/js";
import type { Notification } from "@pregonero/client";
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
import { notificationsTexts } from "./notifications.i18n.ts";

const refreshMs = 3_000;
const tones: Readonly<Record<Notification["status"], Tone>> = {
  pending: "warn",
  sending: "busy",
  sent: "ok",
  failed: "bad",
};
const statuses = Object.keys(tones) as readonly Notification["status"][];

/** Who was told what, and whether it came through. */
@Component({
  selector: "app-notification-log",
  imports: [Chip, EmptyState, MatFormFieldModule, MatSelectModule, RouterLink, RowTemplate, Table],
  template: `
    <h2 class="section">{{ t().log.title }}</h2>
    <div class="filters">
      <mat-form-field>
        <mat-label>{{ t().log.status }}</mat-label>
        <mat-select [value]="status()" (selectionChange)="status.set($event.value)">
          <mat-option [value]="null">{{ ui().all }}</mat-option>
          @for (option of statuses; track option) {
            <mat-option [value]="option">{{ t().log.statuses[option] }}</mat-option>
          }
        </mat-select>
      </mat-form-field>
    </div>
    @if (list.begun() && list.items().length === 0 && !list.loading()) {
      <div class="card">
        <app-empty-state
          [icon]="icon"
          [title]="status() === null ? t().log.none : ui().nothingFound"
          [text]="status() === null ? t().log.noneText : ui().nothingFoundText"
        />
      </div>
    } @else {
      <app-table
        [list]="list"
        [label]="t().log.title"
        [columns]="columns()"
        [rowHeight]="60"
        [cardHeight]="132"
      >
        <ng-template appRow [of]="list" let-told>
          <div role="cell" class="cell main">
            <strong>{{ t().log.events[told.event] }}</strong>
            <div class="sub">
              @if (told.job_id !== null) {
                <a [routerLink]="['/job', told.job_id]">{{ t().log.job }}</a>
              }
            </div>
          </div>
          <div role="cell" class="cell grow">
            {{ told.recipient }}
            <div class="sub" [title]="told.last_error ?? ''">
              {{ told.last_error ?? t().log.channels[told.channel] }}
            </div>
          </div>
          <div role="cell" class="cell">
            <app-chip [tone]="tones[told.status]">{{ t().log.statuses[told.status] }}</app-chip>
          </div>
          <div role="cell" class="cell end" [attr.data-label]="t().log.columns.tries">
            {{ format.number(told.attempts) }}
          </div>
          <div role="cell" class="cell end faint">{{ format.dateTime(told.created_at) }}</div>
        </ng-template>
      </app-table>
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotificationLog {
  readonly #api = inject(API).notifications;
  protected readonly table = viewChild<Table<Notification>>(Table);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(notificationsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icon = mdiBellOutline;
  protected readonly tones = tones;
  protected readonly statuses = statuses;
  protected readonly status = signal<Notification["status"] | null>(null);
  protected readonly list = new KeysetList<Notification>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const status = this.status();
      return this.#api.list(
        {
          limit: 100,
          ...(status === null ? {} : { status }),
          ...(cursor === undefined ? {} : { cursor }),
        },
        { signal },
      );
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t().log;
    return [
      { label: columns.event, width: "minmax(150px, 1fr)" },
      { label: columns.to, width: "minmax(180px, 2fr)" },
      { label: columns.status, width: "110px" },
      { label: columns.tries, width: "80px", end: true },
      { label: columns.at, width: "130px", end: true },
    ];
  });

  constructor() {
    effect(() => {
      this.status();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => {
      const { first, last } = this.table()?.seen() ?? { first: 0, last: 0 };
      void this.list.refresh(first, last);
    });
  }

  restart(): Promise<void> {
    return this.list.restart();
  }
}
