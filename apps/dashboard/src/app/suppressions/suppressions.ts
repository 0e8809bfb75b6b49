import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import {
  mdiAccountCancelOutline,
  mdiDeleteOutline,
  mdiDownloadOutline,
  mdiPlus,
  mdiTrayArrowUp,
} from "@mdi/js";
import type { Suppression } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Confirm } from "../ui/confirm.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { saveFile } from "../ui/save-file.ts";
import { Toast } from "../ui/toast.ts";
import { SuppressionDialog } from "./suppression-dialog.ts";
import { suppressionsTexts } from "./suppressions.i18n.ts";

@Component({
  selector: "app-suppressions",
  imports: [EmptyState, Icon, MatButtonModule, PageHeader, RowTemplate, Table],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead">
      @if (session.isOperator()) {
        <button mat-stroked-button (click)="export()">
          <app-icon [path]="icons.export" />{{ t().export }}
        </button>
        <button mat-stroked-button (click)="add(true)">
          <app-icon [path]="icons.import" />{{ t().import }}
        </button>
        <button mat-flat-button (click)="add(false)"><app-icon [path]="icons.plus" />{{ t().add }}</button>
      }
    </app-page-header>
    @if (list.begun() && list.items().length === 0) {
      <div class="card">
        <app-empty-state [icon]="icons.none" [title]="t().none" [text]="t().noneText">
          @if (session.isOperator()) {
            <button mat-flat-button (click)="add(false)">{{ t().add }}</button>
          }
        </app-empty-state>
      </div>
    } @else {
      <app-table [list]="list" [label]="t().title" [columns]="columns()" [rowHeight]="48" [cardHeight]="84">
        <ng-template appRow [of]="list" let-entry>
          <div role="cell" class="cell number grow">{{ format.phone(entry.phone) }}</div>
          <div role="cell" class="cell soft grow">{{ entry.reason }}</div>
          <div role="cell" class="cell end faint">{{ format.dateTime(entry.created_at) }}</div>
          <div role="cell" class="cell cell-actions">
            @if (session.isOperator()) {
              <button
                mat-icon-button
                [attr.aria-label]="t().remove + ' ' + entry.phone"
                (click)="remove(entry)"
              >
                <app-icon [path]="icons.remove" />
              </button>
            }
          </div>
        </ng-template>
      </app-table>
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SuppressionsPage {
  readonly #api = inject(API).suppressions;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(suppressionsTexts);
  protected readonly icons = {
    plus: mdiPlus,
    import: mdiTrayArrowUp,
    export: mdiDownloadOutline,
    none: mdiAccountCancelOutline,
    remove: mdiDeleteOutline,
  };
  protected readonly list = new KeysetList<Suppression>({
    key: ({ phone }) => phone,
    load: (cursor, signal) =>
      this.#api.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.phone, width: "200px" },
      { label: columns.reason, width: "1fr" },
      { label: columns.since, width: "150px", end: true },
      { label: "", width: "44px" },
    ];
  });

  constructor() {
    void this.list.restart();
  }

  protected async add(many: boolean): Promise<void> {
    const dialog = this.#dialog.open<SuppressionDialog, boolean, string>(SuppressionDialog, {
      data: many,
      width: "480px",
    });
    const said = await firstValueFrom(dialog.afterClosed());
    if (said === undefined) return;
    this.#toast.say(said);
    await this.list.restart();
  }

  protected async export(): Promise<void> {
    try {
      saveFile("suppressions.csv", new Blob([await this.#api.export()], { type: "text/csv" }));
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  protected async remove({ phone }: Suppression): Promise<void> {
    const { removeTitle, removeText: text, remove: action } = this.t();
    const title = removeTitle(this.format.phone(phone));
    if (!(await this.#confirm.ask({ title, text, action, dangerous: true }))) return;
    try {
      await this.#api.remove(phone);
      this.list.replace(phone, null);
      this.#toast.say(this.t().removed);
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
