import { ChangeDetectionStrategy, Component, input } from "@angular/core";
import type { ConnectionState } from "@pregonero/client";

/** Green, yellow, red or grey, with words beside it: how a connection is. */
@Component({
  selector: "app-connection-dot",
  template: `<span class="dot" [class]="state() ?? 'unknown'"></span><span class="text">{{ label() }}</span>`,
  styles: `
    :host {
      display: inline-flex;
      gap: 6px;
      align-items: center;
      min-width: 0;
    }
    .dot {
      flex: none;
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--quiet);
    }
    .connected {
      background: var(--ok);
    }
    .connecting,
    .qr {
      background: var(--warn);
    }
    .error {
      background: var(--bad);
    }
    .text {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConnectionDot {
  readonly state = input.required<ConnectionState | undefined>();
  readonly label = input.required<string>();
}
