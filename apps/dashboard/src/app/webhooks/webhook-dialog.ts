import { ChangeDetectionStrategy, Component, computed, inject, resource, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import type { WebhookEndpoint, WebhookEndpointWithSecret, WebhookSubscription } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { webhooksTexts } from "./webhooks.i18n.ts";

/** Writes an endpoint. Opened with null for a new one; then it closes with its secret. */
@Component({
  selector: "app-webhook-dialog",
  imports: [
    MatButtonModule,
    MatCheckboxModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    ProblemBanner,
  ],
  template: `
    <h2 mat-dialog-title>{{ endpoint === null ? t().add : t().edit }}</h2>
    <form (submit)="$event.preventDefault(); save()">
      <mat-dialog-content class="stack">
        <mat-form-field>
          <mat-label>{{ t().url }}</mat-label>
          <input
            #address
            matInput
            type="url"
            required
            maxlength="2000"
            placeholder="https://…"
            cdkFocusInitial
            [value]="url()"
            (input)="url.set(address.value)"
          />
        </mat-form-field>
        <mat-form-field>
          <mat-label>{{ t().description }} ({{ ui().optional }})</mat-label>
          <input
            #text
            matInput
            maxlength="500"
            [value]="description()"
            (input)="description.set(text.value)"
          />
        </mat-form-field>
        <fieldset>
          <legend>{{ t().events }}</legend>
          <mat-checkbox [checked]="everything()" (change)="choose('*', $event.checked)">
            {{ t().everything }}
          </mat-checkbox>
          @if (!everything()) {
            <div class="types">
              @for (type of types.value(); track type.type) {
                <mat-checkbox
                  [checked]="chosen().has(type.type)"
                  (change)="choose(type.type, $event.checked)"
                >
                  <code>{{ type.type }}</code>
                </mat-checkbox>
              }
            </div>
          }
        </fieldset>
        @if (problem() ?? types.error(); as error) {
          <app-problem [error]="error" />
        }
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button mat-button type="button" mat-dialog-close>{{ ui().cancel }}</button>
        <button mat-flat-button type="submit" [disabled]="busy() || url() === '' || chosen().size === 0">
          {{ endpoint === null ? t().create : ui().save }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    mat-dialog-content {
      padding-top: 6px !important;
    }
    fieldset {
      margin: 0;
      padding: 0;
      border: none;
    }
    legend {
      font-weight: 600;
    }
    .types {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class WebhookDialog {
  readonly #api = inject(API).webhooks;
  readonly #dialog =
    inject<MatDialogRef<WebhookDialog, WebhookEndpoint | WebhookEndpointWithSecret>>(MatDialogRef);
  protected readonly endpoint = inject<WebhookEndpoint | null>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(webhooksTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly types = resource({
    loader: async ({ abortSignal: signal }) => {
      const types = await this.#api.eventTypes({ signal });
      // A ping comes when it is asked for.
      return types.filter(({ type }) => type !== "webhook.ping");
    },
  });
  protected readonly url = signal(this.endpoint?.url ?? "");
  protected readonly description = signal(this.endpoint?.description ?? "");
  protected readonly chosen = signal<ReadonlySet<string>>(new Set(this.endpoint?.event_types ?? ["*"]));
  protected readonly everything = computed(() => this.chosen().has("*"));
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected choose(type: string, wanted: boolean): void {
    this.chosen.update((chosen) => {
      const changed = new Set(chosen);
      if (wanted) changed.add(type);
      else changed.delete(type);
      return changed;
    });
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const chosen = this.everything() ? ["*"] : [...this.chosen()];
    const fields = {
      url: this.url().trim(),
      description: this.description().trim(),
      // The server refuses what it does not know, by name.
      event_types: chosen as WebhookSubscription[],
    };
    try {
      this.#dialog.close(
        this.endpoint === null
          ? await this.#api.create(fields)
          : await this.#api.update(this.endpoint.id, fields),
      );
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
