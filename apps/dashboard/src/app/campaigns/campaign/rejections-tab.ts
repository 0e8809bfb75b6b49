import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  untracked,
} from "@angular/core";
import { mdiCheckCircleOutline } from "@mdi/js";
import type { RejectedRow } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { KeysetList } from "../../table/keyset-list.ts";
import { RowTemplate } from "../../table/row-template.ts";
import { Table, type Column } from "../../table/table.ts";
import { EmptyState } from "../../ui/empty-state.ts";
import { rejectionTexts } from "../wizard/wizard.i18n.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** Rows of the file that got no message, and why. */
@Component({
  selector: "app-rejections-tab",
  imports: [EmptyState, RowTemplate, Table],
  template: `
    @if (list.begun() && list.items().length === 0) {
      <div class="card"><app-empty-state [icon]="icon" [title]="t().rejections.none" /></div>
    } @else {
      <app-table
        [list]="list"
        [label]="t().tabs.rejections"
        [columns]="columns()"
        [rowHeight]="44"
        [cardHeight]="84"
      >
        <ng-template appRow [of]="list" let-row>
          <div role="cell" class="cell end" [attr.data-label]="t().rejections.line">
            {{ format.number(row.line) }}
          </div>
          <div role="cell" class="cell">{{ reasons()[row.reason] }}</div>
          <div role="cell" class="cell mono">{{ row.phone }}</div>
          <div role="cell" class="cell soft main" [title]="row.detail">{{ row.detail }}</div>
        </ng-template>
      </app-table>
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RejectionsTab {
  readonly campaignId = input.required<string>();
  readonly #api = inject(API);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly reasons = useTexts(rejectionTexts);
  protected readonly icon = mdiCheckCircleOutline;
  protected readonly list = new KeysetList<RejectedRow>({
    key: ({ line }) => line,
    load: (cursor, signal) =>
      this.#api.campaigns.rejections(
        this.campaignId(),
        { limit: 200, ...(cursor === undefined ? {} : { cursor }) },
        { signal },
      ),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { line, reason, number, detail } = this.t().rejections;
    return [
      { label: line, width: "80px", end: true },
      { label: reason, width: "160px" },
      { label: number, width: "160px" },
      { label: detail, width: "1fr" },
    ];
  });

  constructor() {
    effect(() => {
      this.campaignId();
      untracked(() => void this.list.restart());
    });
  }
}
