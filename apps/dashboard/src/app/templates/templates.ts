import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { mdiDeleteOutline, mdiMessageTextOutline, mdiPlus } from "@mdi/js";
import type { Template } from "@pregonero/client";
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
import { Toast } from "../ui/toast.ts";
import { TemplateDialog } from "./template-dialog.ts";
import { templatesTexts } from "./templates.i18n.ts";

@Component({
  selector: "app-templates",
  imports: [EmptyState, Icon, MatButtonModule, PageHeader, RowTemplate, Table],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead">
      @if (session.isOperator()) {
        <button mat-flat-button (click)="edit(null)"><app-icon [path]="icons.plus" />{{ t().add }}</button>
      }
    </app-page-header>
    @if (list.begun() && list.items().length === 0) {
      <div class="card">
        <app-empty-state [icon]="icons.template" [title]="t().none" [text]="t().noneText">
          @if (session.isOperator()) {
            <button mat-flat-button (click)="edit(null)">{{ t().add }}</button>
          }
        </app-empty-state>
      </div>
    } @else {
      <app-table [list]="list" [label]="t().title" [columns]="columns()" [rowHeight]="60">
        <ng-template appRow [of]="list" let-template>
          <div role="cell" class="cell grow">
            <button class="cover" type="button" [disabled]="!session.isOperator()" (click)="edit(template)">
              {{ template.name }}
            </button>
            @if (template.provider) {
              <div class="sub">{{ t().approved }}</div>
            }
          </div>
          <div role="cell" class="cell soft">{{ template.language }}</div>
          <div role="cell" class="cell soft main">{{ template.body }}</div>
          <div role="cell" class="cell faint wide-only">{{ holes(template) }}</div>
          <div role="cell" class="cell end faint">{{ format.date(template.updated_at) }}</div>
          <div role="cell" class="cell cell-actions">
            @if (session.isOperator()) {
              <button
                mat-icon-button
                [attr.aria-label]="t().delete + ' ' + template.name"
                (click)="remove(template)"
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
export class TemplatesPage {
  readonly #api = inject(API).templates;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(templatesTexts);
  protected readonly icons = { plus: mdiPlus, template: mdiMessageTextOutline, remove: mdiDeleteOutline };
  protected readonly list = new KeysetList<Template>({
    key: ({ id }) => id,
    load: (cursor, signal) =>
      this.#api.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.name, width: "minmax(140px, 1fr)" },
      { label: columns.language, width: "80px" },
      { label: columns.text, width: "minmax(160px, 2fr)" },
      { label: columns.variables, width: "minmax(100px, 1fr)" },
      { label: columns.changed, width: "110px", end: true },
      { label: "", width: "44px" },
    ];
  });

  constructor() {
    void this.list.restart();
  }

  protected holes({ variables }: Template): string {
    return variables.map(({ name }) => name).join(", ");
  }

  protected async edit(template: Template | null): Promise<void> {
    const options = { data: template, width: "860px", maxWidth: "96vw" };
    const dialog = this.#dialog.open<TemplateDialog, Template | null, Template>(TemplateDialog, options);
    const saved = await firstValueFrom(dialog.afterClosed());
    if (!saved) return;
    this.#toast.say(this.t().saved);
    if (template === null) await this.list.restart();
    else this.list.replace(saved.id, saved);
  }

  protected async remove({ id, name }: Template): Promise<void> {
    const { deleteTitle, deleteText: text, delete: action } = this.t();
    if (!(await this.#confirm.ask({ title: deleteTitle(name), text, action, dangerous: true }))) return;
    try {
      await this.#api.delete(id);
      this.list.replace(id, null);
      this.#toast.say(this.t().deleted);
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
