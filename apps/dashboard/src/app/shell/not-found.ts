import { ChangeDetectionStrategy, Component } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { mdiMapMarkerQuestionOutline } from "@mdi/js";
import { useTexts } from "../i18n/i18n.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { shellTexts } from "./shell.i18n.ts";

@Component({
  selector: "app-not-found",
  imports: [EmptyState, MatButtonModule, RouterLink],
  template: `
    <app-empty-state [icon]="icon" [title]="t().notFound.title" [text]="t().notFound.text">
      <a mat-flat-button routerLink="/">{{ t().notFound.back }}</a>
    </app-empty-state>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotFound {
  protected readonly t = useTexts(shellTexts);
  protected readonly icon = mdiMapMarkerQuestionOutline;
}
