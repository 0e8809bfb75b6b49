import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { mdiAlertCircleOutline } from "@mdi/js";
import { ProblemTexts } from "../api/problem-text.ts";
import { problemTexts } from "../api/problems.i18n.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "./icon.ts";

const errorsShown = 5;

/** An error in its place: what happened, the server's words, what to do. */
@Component({
  selector: "app-problem",
  imports: [Icon, MatButtonModule],
  template: `
    <div class="problem" role="alert">
      <app-icon [path]="icon" />
      <div>
        <strong>{{ problem().title }}</strong>
        @if (problem().detail) {
          <p>{{ problem().detail }}</p>
        }
        @if (errors().length > 1) {
          <ul>
            @for (error of errors(); track $index) {
              <li>
                <code>{{ error.path }}</code> {{ error.message }}
              </li>
            }
          </ul>
        }
        <p class="advice">{{ problem().advice }}</p>
        @if (problem().requestId; as id) {
          <p class="faint mono">{{ t().requestId(id) }}</p>
        }
      </div>
      @if (retryable()) {
        <button mat-stroked-button type="button" (click)="retry.emit()">{{ t().again }}</button>
      }
    </div>
  `,
  styles: `
    .problem {
      display: flex;
      flex-wrap: wrap;
      gap: 12px;
      align-items: flex-start;
      padding: 12px 16px;
      border: 1px solid color-mix(in srgb, var(--bad) 35%, transparent);
      border-radius: var(--radius-small);
      background: var(--bad-soft);
    }
    .problem > div {
      flex: 1 1 240px;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    app-icon,
    strong {
      color: var(--bad);
    }
    ul {
      margin: 4px 0;
      padding-left: 18px;
    }
    .advice {
      color: var(--ink-soft);
    }
    .mono {
      font-size: 11.5px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ProblemBanner {
  readonly error = input.required<unknown>();
  readonly retryable = input(false);
  readonly retry = output();
  readonly #texts = inject(ProblemTexts);
  protected readonly t = useTexts(problemTexts);
  protected readonly problem = computed(() => this.#texts.of(this.error()));
  protected readonly errors = computed(() => this.problem().errors.slice(0, errorsShown));
  protected readonly icon = mdiAlertCircleOutline;
}
