import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import type {
  BrowserContextStatus,
  ConnectionState,
  DeviceHealth,
  JobStatus,
  MessageState,
} from "@pregonero/client";
import { useTexts } from "../i18n/i18n.ts";
import { stateTexts } from "./states.i18n.ts";

export type Tone = "ok" | "busy" | "warn" | "bad" | "quiet";
type WorkerStatus = keyof (typeof stateTexts)["es"]["worker"];

interface States {
  readonly job: JobStatus;
  readonly message: MessageState;
  readonly connection: ConnectionState;
  readonly health: DeviceHealth;
  readonly context: BrowserContextStatus;
  readonly worker: WorkerStatus;
}

/** What a state means to somebody who looks for what is wrong. */
const tones: { readonly [Kind in keyof States]: Readonly<Record<States[Kind], Tone>> } = {
  job: {
    scheduled: "quiet",
    pending: "quiet",
    running: "busy",
    completed: "ok",
    failed: "bad",
    paused: "warn",
    cancelled: "quiet",
  },
  message: {
    queued: "quiet",
    sending: "busy",
    retrying: "warn",
    unknown: "warn",
    sent: "ok",
    delivered: "ok",
    read: "ok",
    failed: "bad",
    cancelled: "quiet",
    skipped: "quiet",
  },
  connection: { disconnected: "quiet", connecting: "busy", qr: "warn", connected: "ok", error: "bad" },
  health: {
    ok: "ok",
    "put aside": "bad",
    "no outcomes": "bad",
    "no worker": "warn",
    disconnected: "bad",
    connecting: "busy",
    qr: "warn",
    connected: "ok",
    error: "bad",
    closed: "quiet",
    "not linked": "quiet",
  },
  context: { available: "ok", busy: "busy", disconnected: "warn", error: "bad", closed: "quiet" },
  worker: { available: "ok", busy: "busy", error: "bad", draining: "warn", stopped: "quiet", lost: "bad" },
};

/** A state in words and in colour, never in colour alone. */
@Component({
  selector: "app-status",
  template: `<span class="chip" [class]="tone()">{{ label() }}</span>`,
  styles: `
    .chip {
      display: inline-block;
      padding: 2px 9px;
      border-radius: 999px;
      font-size: 12.5px;
      font-weight: 560;
      line-height: 18px;
      white-space: nowrap;
    }
    .ok {
      color: var(--ok);
      background: var(--ok-soft);
    }
    .busy {
      color: var(--busy);
      background: var(--busy-soft);
    }
    .warn {
      color: var(--warn);
      background: var(--warn-soft);
    }
    .bad {
      color: var(--bad);
      background: var(--bad-soft);
    }
    .quiet {
      color: var(--quiet);
      background: var(--quiet-soft);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Status {
  readonly job = input<JobStatus | null>();
  readonly message = input<MessageState | null>();
  readonly connection = input<ConnectionState | null>();
  readonly health = input<DeviceHealth | null>();
  readonly context = input<BrowserContextStatus | null>();
  readonly worker = input<WorkerStatus | null>();
  readonly #t = useTexts(stateTexts);

  readonly #given = computed((): { tone: Tone; label: string } => {
    const [job, message, connection] = [this.job(), this.message(), this.connection()];
    const [health, context, worker] = [this.health(), this.context(), this.worker()];
    const t = this.#t();
    if (job) return { tone: tones.job[job], label: t.job[job] };
    if (message) return { tone: tones.message[message], label: t.message[message] };
    if (connection) return { tone: tones.connection[connection], label: t.connection[connection] };
    if (health) return { tone: tones.health[health], label: t.health[health] };
    if (context) return { tone: tones.context[context], label: t.context[context] };
    if (worker) return { tone: tones.worker[worker], label: t.worker[worker] };
    return { tone: "quiet", label: "–" };
  });
  protected readonly tone = computed(() => this.#given().tone);
  protected readonly label = computed(() => this.#given().label);
}
