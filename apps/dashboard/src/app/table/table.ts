import { BreakpointObserver } from "@angular/cdk/layout";
import { CdkVirtualScrollViewport, ScrollingModule } from "@angular/cdk/scrolling";
import { NgTemplateOutlet } from "@angular/common";
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  contentChild,
  inject,
  input,
  viewChild,
} from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { map } from "rxjs";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import type { KeysetList } from "./keyset-list.ts";
import { RowTemplate } from "./row-template.ts";

export interface Column {
  readonly label: string;
  /** As a track of a CSS grid. */
  readonly width: string;
  readonly end?: boolean;
}

/** How near the end of what is there the next page is asked for, in rows. */
const aheadRows = 40;

/** A table of any length: only the rows that are seen exist. On a phone each row is a card. */
@Component({
  selector: "app-table",
  imports: [MatProgressBarModule, NgTemplateOutlet, ProblemBanner, ScrollingModule],
  templateUrl: "./table.html",
  styleUrl: "./table.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Table<T> {
  readonly list = input.required<KeysetList<T>>();
  readonly label = input.required<string>();
  readonly columns = input.required<readonly Column[]>();
  /** px */
  readonly rowHeight = input(52);
  readonly cardHeight = input(112);
  readonly row = contentChild.required(RowTemplate);

  protected readonly viewport = viewChild(CdkVirtualScrollViewport);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(uiTexts);
  protected readonly narrow = toSignal(
    inject(BreakpointObserver)
      .observe("(max-width: 719px)")
      .pipe(map(({ matches }) => matches)),
    { initialValue: matchMedia("(max-width: 719px)").matches },
  );
  protected readonly itemSize = computed(() => (this.narrow() ? this.cardHeight() : this.rowHeight()));
  protected readonly height = computed(() => this.list().items().length * this.itemSize());
  protected readonly tracks = computed(() =>
    this.columns()
      .map(({ width }) => width)
      .join(" "),
  );
  protected readonly trackBy = (_index: number, item: T): string | number => this.list().key(item);

  /** The places of the rows that are seen. */
  seen(): { first: number; last: number } {
    const { start, end } = this.viewport()?.getRenderedRange() ?? { start: 0, end: 0 };
    return { first: start, last: Math.max(start, end - 1) };
  }

  protected scrolled(): void {
    const list = this.list();
    if (this.seen().last >= list.items().length - aheadRows && list.problem() === null) void list.more();
  }
}
