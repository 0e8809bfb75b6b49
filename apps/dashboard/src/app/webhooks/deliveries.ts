import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatSelectModule } from "@angular/material/select";
import { mdiMagnify, mdiWebhook } from "@mdi/js";
import type {
  WebhookDeliveriesQuery,
  WebhookDelivery,
  WebhookDeliveryStatus,
  WebhookEndpoint,
} from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Chip } from "../ui/chip.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { DeliveryDialog } from "./delivery-dialog.ts";
import { deliveryTones } from "./delivery-tones.ts";
import { webhooksTexts } from "./webhooks.i18n.ts";

const refreshMs = 3_000;
const statuses = Object.keys(deliveryTones) as readonly WebhookDeliveryStatus[];

/** What was told to whom, and what they answered. */
@Component({
  selector: "app-deliveries",
  imports: [Chip, EmptyState, MatButtonModule, MatFormFieldModule, MatSelectModule, RowTemplate, Table],
  templateUrl: "./deliveries.html",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Deliveries {
  readonly endpoints = input.required<readonly WebhookEndpoint[]>();
  readonly #api = inject(API).webhooks;
  readonly #dialog = inject(MatDialog);
  protected readonly table = viewChild<Table<WebhookDelivery>>(Table);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(webhooksTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = { webhook: mdiWebhook, search: mdiMagnify };
  protected readonly tones = deliveryTones;
  protected readonly statuses = statuses;
  protected readonly endpointId = signal<string | null>(null);
  protected readonly type = signal<WebhookDeliveriesQuery["event_type"] | null>(null);
  protected readonly status = signal<WebhookDeliveryStatus | null>(null);
  protected readonly types = signal<readonly string[]>([]);
  protected readonly filtered = computed(
    () => this.endpointId() !== null || this.type() !== null || this.status() !== null,
  );
  protected readonly list = new KeysetList<WebhookDelivery>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [endpoint, type, status] = [this.endpointId(), this.type(), this.status()];
      return this.#api.deliveries(
        {
          limit: 100,
          ...(endpoint === null ? {} : { endpoint_id: endpoint }),
          ...(type === null || type === undefined ? {} : { event_type: type }),
          ...(status === null ? {} : { status }),
          ...(cursor === undefined ? {} : { cursor }),
        },
        { signal },
      );
    },
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t().log;
    return [
      { label: columns.type, width: "minmax(150px, 1fr)" },
      { label: columns.endpoint, width: "minmax(160px, 1.6fr)" },
      { label: columns.status, width: "110px" },
      { label: columns.answer, width: "minmax(120px, 1fr)" },
      { label: columns.tries, width: "80px", end: true },
      { label: columns.at, width: "130px", end: true },
    ];
  });
  readonly #urls = computed(() => new Map(this.endpoints().map(({ id, url }) => [id, url])));

  constructor() {
    effect(() => {
      this.endpointId();
      this.type();
      this.status();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => {
      const { first, last } = this.table()?.seen() ?? { first: 0, last: 0 };
      void this.list.refresh(first, last);
    });
    void this.#api.eventTypes().then(
      (types) => this.types.set(types.map(({ type }) => type)),
      // The filter offers none then; the log is there all the same.
      () => undefined,
    );
  }

  restart(): Promise<void> {
    return this.list.restart();
  }

  protected url({ endpoint_id: id }: WebhookDelivery): string {
    return this.#urls().get(id) ?? id;
  }

  protected answer({ response_status: status, error, last_attempt_at: tried }: WebhookDelivery): string {
    if (tried === null) return "–";
    return [status ?? this.t().log.noAnswer, error].filter(Boolean).join(" · ");
  }

  protected clear(): void {
    this.endpointId.set(null);
    this.type.set(null);
    this.status.set(null);
  }

  protected async open({ id }: WebhookDelivery): Promise<void> {
    const options = { data: id, width: "720px", maxWidth: "96vw" };
    await firstValueFrom(this.#dialog.open(DeliveryDialog, options).afterClosed());
    await this.list.refresh();
  }
}
