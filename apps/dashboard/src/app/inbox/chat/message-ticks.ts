import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import {
  mdiAlertCircle,
  mdiCancel,
  mdiCheck,
  mdiCheckAll,
  mdiClockOutline,
  mdiHelpCircleOutline,
} from "@mdi/js";
import type { MessageState } from "@pregonero/client";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { stateTexts } from "../../ui/states.i18n.ts";

const icons: Readonly<Record<MessageState, string>> = {
  queued: mdiClockOutline,
  sending: mdiClockOutline,
  retrying: mdiClockOutline,
  unknown: mdiHelpCircleOutline,
  sent: mdiCheck,
  delivered: mdiCheckAll,
  read: mdiCheckAll,
  failed: mdiAlertCircle,
  cancelled: mdiCancel,
  skipped: mdiCancel,
};

/** The clock, the tick and the two ticks that everybody knows; in words for who does not see them. */
@Component({
  selector: "app-message-ticks",
  imports: [Icon],
  template: `<app-icon [path]="icon()" [class]="state()" />
    <span class="visually-hidden">{{ t().message[state()] }}</span>`,
  styles: `
    :host {
      display: inline-flex;
    }
    app-icon {
      font-size: 16px;
    }
    .read {
      color: light-dark(#0372a6, #53bdeb);
    }
    .failed {
      color: var(--bad);
    }
  `,
  host: { "[attr.title]": "t().message[state()]" },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MessageTicks {
  readonly state = input.required<MessageState>();
  protected readonly t = useTexts(stateTexts);
  protected readonly icon = computed(() => icons[this.state()]);
}
