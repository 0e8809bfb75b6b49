import { ChangeDetectionStrategy, Component, input } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { mdiArrowLeft } from "@mdi/js";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "./icon.ts";
import { uiTexts } from "./ui.i18n.ts";

/** Title of a page; `[beside]` stands right of it, what else is put in are its actions. */
@Component({
  selector: "app-page-header",
  imports: [Icon, MatButtonModule, RouterLink],
  template: `
    @if (back(); as path) {
      <a mat-icon-button [routerLink]="path" [attr.aria-label]="t().back"><app-icon [path]="icon" /></a>
    }
    <div class="title">
      <div class="row wrap">
        <h1>{{ title() }}</h1>
        <ng-content select="[beside]" />
      </div>
      @if (lead()) {
        <p class="soft">{{ lead() }}</p>
      }
    </div>
    <div class="actions"><ng-content /></div>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 12px;
      align-items: center;
      margin-bottom: 20px;
    }
    a {
      margin-left: -12px;
      margin-right: -8px;
    }
    .title {
      flex: 1 1 200px;
      min-width: 0;
    }
    h1 {
      overflow-wrap: anywhere;
    }
    .actions {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
    }
    .actions:empty {
      display: none;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PageHeader {
  readonly title = input.required<string>();
  readonly lead = input<string>();
  readonly back = input<string>();
  protected readonly t = useTexts(uiTexts);
  protected readonly icon = mdiArrowLeft;
}
