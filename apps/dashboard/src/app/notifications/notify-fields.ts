import { ChangeDetectionStrategy, Component, inject, model } from "@angular/core";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import type { Notify } from "@pregonero/client";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { notificationsTexts } from "./notifications.i18n.ts";

type Event = Notify["on"][number];
const events: readonly Event[] = ["completed", "failed", "paused", "step"];

/** Who is told what: of one job, or of all. */
@Component({
  selector: "app-notify-fields",
  imports: [MatCheckboxModule, MatFormFieldModule, MatInputModule],
  template: `
    <mat-form-field>
      <mat-label>{{ t().settings.email }}</mat-label>
      <input
        #addresses
        matInput
        [disabled]="!session.isOperator()"
        [value]="notify().email.join(', ')"
        (change)="setEmail(addresses.value)"
      />
    </mat-form-field>
    <mat-form-field>
      <mat-label>{{ t().settings.webhook }} ({{ ui().optional }})</mat-label>
      <input
        #url
        matInput
        type="url"
        placeholder="https://…"
        [disabled]="!session.isOperator()"
        [value]="notify().webhook_url ?? ''"
        (change)="setUrl(url.value)"
      />
    </mat-form-field>
    <fieldset>
      <legend>{{ t().settings.on }}</legend>
      @for (event of events; track event) {
        <mat-checkbox
          [disabled]="!session.isOperator()"
          [checked]="notify().on.includes(event)"
          (change)="toggle(event, $event.checked)"
        >
          {{ t().events[event] }}
        </mat-checkbox>
      }
    </fieldset>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      gap: var(--gap);
    }
    fieldset {
      display: flex;
      flex-wrap: wrap;
      gap: 0 16px;
      margin: 0;
      padding: 0;
      border: none;
    }
    legend {
      font-weight: 600;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotifyFields {
  readonly notify = model.required<Notify>();
  protected readonly session = inject(Session);
  protected readonly t = useTexts(notificationsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly events = events;

  protected setEmail(text: string): void {
    const email = text
      .split(/[,;\s]+/)
      .map((address) => address.trim())
      .filter((address) => address !== "");
    this.notify.update((notify) => ({ ...notify, email }));
  }

  protected setUrl(text: string): void {
    const url = text.trim();
    this.notify.update((notify) => ({ ...notify, webhook_url: url === "" ? null : url }));
  }

  protected toggle(event: Event, wanted: boolean): void {
    this.notify.update((notify) => ({
      ...notify,
      on: events.filter((other) => (other === event ? wanted : notify.on.includes(other))),
    }));
  }
}
