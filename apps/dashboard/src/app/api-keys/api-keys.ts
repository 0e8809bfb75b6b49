import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { mdiKeyOutline, mdiPlus } from "@mdi/js";
import type { ApiKey } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Confirm } from "../ui/confirm.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { Toast } from "../ui/toast.ts";
import { ApiKeyDialog } from "./api-key-dialog.ts";
import { apiKeysTexts } from "./api-keys.i18n.ts";

@Component({
  selector: "app-api-keys",
  imports: [EmptyState, Icon, MatButtonModule, PageHeader, RowTemplate, Table],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead">
      <button mat-flat-button (click)="add()"><app-icon [path]="icons.plus" />{{ t().add }}</button>
    </app-page-header>
    @if (list.begun() && list.items().length === 0) {
      <div class="card">
        <app-empty-state [icon]="icons.key" [title]="t().none" [text]="t().noneText">
          <button mat-flat-button (click)="add()">{{ t().add }}</button>
        </app-empty-state>
      </div>
    } @else {
      <app-table [list]="list" [label]="t().title" [columns]="columns()" [rowHeight]="52">
        <ng-template appRow [of]="list" let-key>
          <div role="cell" class="cell main">
            <strong>{{ key.name }}</strong>
          </div>
          <div role="cell" class="cell">{{ t().shortRoles[key.role] }}</div>
          <div role="cell" class="cell mono faint">{{ key.prefix }}…</div>
          <div role="cell" class="cell soft" [attr.data-label]="t().columns.used">
            {{ format.ago(key.last_used_at) }}
          </div>
          <div role="cell" class="cell soft" [attr.data-label]="t().columns.expires">{{ until(key) }}</div>
          <div role="cell" class="cell cell-actions">
            @if (key.revoked_at === null) {
              <button mat-button [attr.aria-label]="t().revoke + ' ' + key.name" (click)="revoke(key)">
                {{ t().revoke }}
              </button>
            }
          </div>
        </ng-template>
      </app-table>
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ApiKeysPage {
  readonly #api = inject(API).apiKeys;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(apiKeysTexts);
  protected readonly icons = { plus: mdiPlus, key: mdiKeyOutline };
  protected readonly list = new KeysetList<ApiKey>({
    key: ({ id }) => id,
    load: async (_cursor, signal) => ({ items: await this.#api.list({ signal }), next_cursor: null }),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.name, width: "minmax(140px, 1.5fr)" },
      { label: columns.role, width: "130px" },
      { label: columns.prefix, width: "140px" },
      { label: columns.used, width: "130px" },
      { label: columns.expires, width: "130px" },
      { label: "", width: "100px" },
    ];
  });

  constructor() {
    void this.list.restart();
  }

  protected until({ revoked_at: revoked, expires_at: expires }: ApiKey): string {
    if (revoked !== null) return this.t().revoked;
    if (expires === null) return this.t().never;
    return Date.parse(expires) < Date.now() ? this.t().expired : this.format.date(expires);
  }

  protected async add(): Promise<void> {
    const dialog = this.#dialog.open<ApiKeyDialog, void, boolean>(ApiKeyDialog, { width: "480px" });
    if (await firstValueFrom(dialog.afterClosed())) await this.list.restart();
  }

  protected async revoke({ id, name }: ApiKey): Promise<void> {
    const { revokeTitle, revokeText: text, revoke: action } = this.t();
    if (!(await this.#confirm.ask({ title: revokeTitle(name), text, action, dangerous: true }))) return;
    try {
      await this.#api.revoke(id);
      this.#toast.say(this.t().revokedNow);
      await this.list.restart();
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
