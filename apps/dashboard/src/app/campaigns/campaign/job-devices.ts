import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { JobDevice } from "@pregonero/client";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** What each device has done for a job. */
@Component({
  selector: "app-job-devices",
  imports: [RouterLink],
  template: `
    <ul class="card">
      @for (device of devices(); track device.device_id) {
        <li>
          <div class="name">
            <a [routerLink]="['/devices', device.device_id]">{{ device.name }}</a>
            <span class="faint">{{ t().devices[device.status] }}</span>
          </div>
          <span class="bar" [style.--share]="device.sent / most()"></span>
          <span class="figure">
            <span class="faint">{{ t().devices.sent }}</span>
            <strong class="number">{{ format.number(device.sent) }}</strong>
          </span>
          <span class="figure" [class.bad]="device.failed > 0">
            <span class="faint">{{ t().devices.failed }}</span>
            <strong class="number">{{ format.number(device.failed) }}</strong>
          </span>
          <span class="figure">
            <span class="faint">{{ t().devices.unknown }}</span>
            <strong class="number">{{ format.number(device.unknown) }}</strong>
          </span>
        </li>
      } @empty {
        <li class="faint">{{ t().devices.none }}</li>
      }
    </ul>
  `,
  styles: `
    ul {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    li {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 20px;
      align-items: center;
      padding: 12px 20px;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    .name {
      display: flex;
      flex: 0 1 200px;
      flex-direction: column;
    }
    .bar {
      flex: 1 1 120px;
      height: 6px;
      border-radius: 9px;
      background: linear-gradient(var(--brand), var(--brand)) no-repeat left / calc(var(--share) * 100%) 100%
        var(--surface-sunken);
    }
    .figure {
      display: flex;
      flex-direction: column;
      min-width: 84px;
      text-align: right;
    }
    .bad strong {
      color: var(--bad);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobDevices {
  readonly devices = input.required<readonly JobDevice[]>();
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly most = computed(() => Math.max(1, ...this.devices().map(({ sent }) => sent)));
}
