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
import { MatInputModule } from "@angular/material/input";
import { mdiClipboardTextClockOutline, mdiMagnify } from "@mdi/js";
import type { AuditEntry } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { PageHeader } from "../ui/page-header.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { auditTexts } from "./audit.i18n.ts";

const filters = ["action", "actor", "subject"] as const;
type Filter = (typeof filters)[number];

@Component({
  selector: "app-audit",
  imports: [EmptyState, MatButtonModule, MatFormFieldModule, MatInputModule, PageHeader, RowTemplate, Table],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead" />
    <div class="filters">
      @for (filter of filters; track filter) {
        <mat-form-field class="search">
          <mat-label>{{ t()[filter] }}</mat-label>
          <input
            #text
            matInput
            type="search"
            [value]="chosen()[filter]"
            (change)="choose(filter, text.value)"
          />
        </mat-form-field>
      }
    </div>
    @if (list.begun() && list.items().length === 0 && !list.loading()) {
      <div class="card">
        @if (filtered()) {
          <app-empty-state [icon]="icons.search" [title]="ui().nothingFound" [text]="ui().nothingFoundText">
            <button mat-stroked-button (click)="clear()">{{ ui().clear }}</button>
          </app-empty-state>
        } @else {
          <app-empty-state [icon]="icons.log" [title]="t().none" [text]="t().noneText" />
        }
      </div>
    } @else {
      <app-table [list]="list" [label]="t().title" [columns]="columns()" [rowHeight]="44" [cardHeight]="104">
        <ng-template appRow [of]="list" let-entry>
          <div role="cell" class="cell faint number">{{ format.exact(entry.at) }}</div>
          <div role="cell" class="cell">{{ entry.actor }}</div>
          <div role="cell" class="cell">
            <code>{{ entry.action }}</code>
          </div>
          <div role="cell" class="cell soft grow" [title]="entry.subject">{{ entry.subject }}</div>
          <div role="cell" class="cell faint main mono" [title]="detail(entry)">{{ detail(entry) }}</div>
        </ng-template>
      </app-table>
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AuditPage {
  readonly #api = inject(API).audit;
  protected readonly format = inject(Format);
  protected readonly t = useTexts(auditTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = { log: mdiClipboardTextClockOutline, search: mdiMagnify };
  protected readonly filters = filters;
  protected readonly chosen = signal<Readonly<Record<Filter, string>>>({
    action: "",
    actor: "",
    subject: "",
  });
  protected readonly filtered = computed(() => Object.values(this.chosen()).some((text) => text !== ""));

  protected readonly list = new KeysetList<AuditEntry>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const given = Object.entries(this.chosen()).filter(([, text]) => text !== "");
      const query = { limit: 200, ...Object.fromEntries(given), ...(cursor === undefined ? {} : { cursor }) };
      return this.#api.list(query, { signal });
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.at, width: "170px" },
      { label: columns.actor, width: "minmax(110px, 0.7fr)" },
      { label: columns.action, width: "minmax(130px, 0.8fr)" },
      { label: columns.subject, width: "minmax(130px, 1.2fr)" },
      { label: columns.detail, width: "minmax(130px, 1.6fr)" },
    ];
  });

  constructor() {
    effect(() => {
      this.chosen();
      untracked(() => void this.list.restart());
    });
  }

  protected detail({ detail }: AuditEntry): string {
    return Object.entries(detail)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(" · ");
  }

  protected choose(filter: Filter, text: string): void {
    this.chosen.update((chosen) => ({ ...chosen, [filter]: text.trim() }));
  }

  protected clear(): void {
    this.chosen.set({ action: "", actor: "", subject: "" });
  }
}
