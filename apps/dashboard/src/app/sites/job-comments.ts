import { ChangeDetectionStrategy, Component, inject, input, resource, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { sitesTexts } from "./sites.i18n.ts";

/** What people write beside a job, of either type. */
@Component({
  selector: "app-job-comments",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, ProblemBanner],
  template: `
    <section class="card card-body stack">
      @if (comments.error(); as error) {
        <app-problem [error]="error" [retryable]="true" (retry)="comments.reload()" />
      } @else if (comments.hasValue()) {
        @for (comment of comments.value(); track comment.id) {
          <article>
            <p class="faint">
              <strong>{{ comment.author }}</strong> · {{ format.dateTime(comment.created_at) }}
            </p>
            <p class="said">{{ comment.content }}</p>
          </article>
        } @empty {
          <p class="soft">{{ t().comments.none }}</p>
        }
      }
      @if (session.isOperator()) {
        <form class="stack" (submit)="$event.preventDefault(); add()">
          <mat-form-field>
            <mat-label>{{ t().comments.write }}</mat-label>
            <textarea
              #area
              matInput
              rows="3"
              maxlength="5000"
              [value]="text()"
              (input)="text.set(area.value)"
            ></textarea>
          </mat-form-field>
          @if (problem(); as error) {
            <app-problem [error]="error" />
          }
          <div>
            <button mat-flat-button type="submit" [disabled]="busy() || text().trim() === ''">
              {{ t().comments.add }}
            </button>
          </div>
        </form>
      }
    </section>
  `,
  styles: `
    :host {
      display: block;
      max-width: 760px;
      padding: 16px 0;
    }
    .said {
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
  protected readonly t = useTexts(sitesTexts);
  protected readonly comments = resource({
    params: () => this.jobId(),
    loader: ({ params, abortSignal: signal }) => this.#api.list(params, { signal }),
  });
  protected readonly text = signal("");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async add(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const author = this.session.me()?.actor ?? "dashboard";
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
