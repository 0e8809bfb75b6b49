import { ChangeDetectionStrategy, Component, inject, input, resource, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** What people write beside a job. */
@Component({
  selector: "app-job-comments",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, ProblemBanner],
  template: `
    <div class="card card-body stack">
      @if (session.isOperator()) {
        <form class="stack" (submit)="$event.preventDefault(); add()">
          <mat-form-field>
            <mat-label>{{ t().comments.write }}</mat-label>
            <textarea
              #area
              matInput
              rows="2"
              maxlength="5000"
              [value]="text()"
              (input)="text.set(area.value)"
            ></textarea>
          </mat-form-field>
          <div>
            <button mat-flat-button type="submit" [disabled]="busy() || text().trim() === ''">
              {{ t().comments.add }}
            </button>
          </div>
        </form>
      }
      @if (problem() ?? comments.error(); as error) {
        <app-problem [error]="error" />
      }
      @if (comments.hasValue()) {
        <ul>
          @for (comment of comments.value(); track comment.id) {
            <li>
              <strong>{{ comment.author }}</strong>
              <span class="faint">{{ format.dateTime(comment.created_at) }}</span>
              <p>{{ comment.content }}</p>
            </li>
          } @empty {
            <li class="faint">{{ t().comments.none }}</li>
          }
        </ul>
      }
    </div>
  `,
  styles: `
    ul {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    li + li {
      margin-top: 12px;
      padding-top: 12px;
      border-top: 1px solid var(--line);
    }
    li span {
      margin-left: 8px;
      font-size: 12.5px;
    }
    p {
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobComments {
  readonly jobId = input.required<string>();
  readonly #api = inject(API).jobComments;
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly text = signal("");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);
  protected readonly comments = resource({
    params: () => this.jobId(),
    loader: ({ params, abortSignal }) => this.#api.list(params, { signal: abortSignal }),
  });

  protected async add(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const author = this.session.me()?.actor ?? "";
    try {
      await this.#api.add(this.jobId(), { author, content: this.text().trim() });
      this.text.set("");
      this.comments.reload();
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
