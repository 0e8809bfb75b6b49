import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import type { Campaign, SendMessagesJob } from "@pregonero/client";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { wizardTexts } from "../wizard/wizard.i18n.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** How a campaign or a job was set up. */
@Component({
  selector: "app-campaign-config",
  template: `
    <div class="card card-body">
      <dl>
        @if (campaign(); as about) {
          <dt>{{ t().config.text }}</dt>
          <dd class="text">{{ about.body }}</dd>
          @if (about.file_name; as file) {
            <dt>{{ t().config.file }}</dt>
            <dd>{{ file }}</dd>
          }
          <dt>{{ t().config.rows }}</dt>
          <dd class="number">
            {{ format.number(about.rows) }} · {{ t().config.accepted }} {{ format.number(about.accepted) }} ·
            {{ t().config.rejected }} {{ format.number(about.rejected) }}
          </dd>
          <dt>{{ t().config.slug }}</dt>
          <dd>
            <code>{{ about.slug }}</code>
          </dd>
        }
        @if (job().scheduled_at; as at) {
          <dt>{{ t().config.scheduled }}</dt>
          <dd>{{ format.exact(at) }}</dd>
        }
        <dt>{{ t().config.priority }}</dt>
        <dd class="number">{{ format.number(job().priority) }} / 10</dd>
        <dt>{{ t().config.devicesLimit }}</dt>
        <dd class="number">{{ format.number(job().devices_limit) }}</dd>
        <dt>{{ t().config.interval }}</dt>
        <dd class="number">{{ format.number(job().interval_ms / 1000) }} s</dd>
        <dt>{{ t().config.attempts }}</dt>
        <dd class="number">{{ format.number(job().max_attempts) }}</dd>
        <dt>{{ t().config.unknownPolicy }}</dt>
        <dd>{{ wizard().sending.policies[job().unknown_policy] }}</dd>
        <dt>{{ t().created }}</dt>
        <dd>{{ format.exact(job().created_at) }} {{ t().by(job().created_by) }}</dd>
      </dl>
    </div>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: max-content minmax(0, 1fr);
      gap: 10px 28px;
      margin: 0;
    }
    dt {
      color: var(--ink-faint);
    }
    dd {
      margin: 0;
      overflow-wrap: anywhere;
    }
    .text {
      white-space: pre-wrap;
    }
    @media (max-width: 599px) {
      dl {
        grid-template-columns: 1fr;
        gap: 2px;
      }
      dd {
        margin-bottom: 10px;
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CampaignConfig {
  /** Null of a job that has none. */
  readonly campaign = input.required<Campaign | null>();
  readonly job = input.required<SendMessagesJob>();
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly wizard = useTexts(wizardTexts);
}
