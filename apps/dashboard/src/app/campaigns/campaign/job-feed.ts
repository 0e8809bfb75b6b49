import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import { mdiAlertCircleOutline, mdiCheck } from "@mdi/js";
import type { JobDevice } from "@pregonero/client";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import type { LiveEvent } from "../../live/live-job.ts";
import { Icon } from "../../ui/icon.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** The newest sends, as they happen. */
@Component({
  selector: "app-job-feed",
  imports: [Icon],
  template: `
    <h2>{{ t().feed }}</h2>
    <ul>
      @for (event of events(); track event.id) {
        <li [class.failed]="event.error !== null">
          <app-icon [path]="event.error === null ? icons.sent : icons.failed" />
          <span class="number">{{ format.phone(event.phone) }}</span>
          <span class="faint ellipsis">{{ event.error ?? deviceName(event.deviceId) }}</span>
        </li>
      } @empty {
        <li class="faint">{{ t().feedEmpty }}</li>
      }
    </ul>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      height: 206px;
      overflow: hidden;
      padding: 16px 20px 0;
    }
    ul {
      flex: 1;
      margin: 8px 0 0;
      padding: 0;
      overflow: hidden;
      list-style: none;
      mask-image: linear-gradient(#000 75%, transparent);
    }
    li {
      display: flex;
      gap: 8px;
      align-items: center;
      height: 26px;
    }
    app-icon {
      color: var(--ok);
      font-size: 16px;
    }
    .failed app-icon {
      color: var(--bad);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobFeed {
  readonly events = input.required<readonly LiveEvent[]>();
  readonly devices = input.required<readonly JobDevice[]>();
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly icons = { sent: mdiCheck, failed: mdiAlertCircleOutline };

  protected deviceName(id: number | null): string {
    return this.devices().find(({ device_id }) => device_id === id)?.name ?? "";
  }
}
