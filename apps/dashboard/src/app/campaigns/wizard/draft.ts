import { computed, inject, Injectable, linkedSignal, resource, signal } from "@angular/core";
import { toObservable, toSignal } from "@angular/core/rxjs-interop";
import type { CampaignForm, CampaignPreview, Device } from "@pregonero/client";
import { parseTemplate, TemplateError, variableKey, variablesOf, type Template } from "@pregonero/domain";
import { debounceTime } from "rxjs";
import { API } from "../../api/api.ts";
import { estimate } from "./estimate.ts";

const typingMs = 400;

export type Senders = "all" | "pool" | "some";
export type Start = "now" | "later" | "paused";
export type Priority = "low" | "normal" | "high";
export type UnknownPolicy = "hold" | "resend" | "drop";

interface Answer {
  readonly file: File | null;
  readonly answer: CampaignPreview | null;
}

/** The campaign that is being put together. One for each visit of the wizard. */
@Injectable()
export class Draft {
  readonly #api = inject(API);

  readonly name = signal("");
  readonly file = signal<File | null>(null);
  /** Columns by what they hold, where they are not found by their own name. */
  readonly mapping = signal<Readonly<Record<string, string>>>({});
  readonly templateId = signal<string | null>(null);
  readonly ownText = signal("");
  readonly senders = signal<Senders>("all");
  readonly pool = signal<string | null>(null);
  readonly deviceIds = signal<readonly number[]>([]);
  readonly devicesLimit = signal<number | null>(null);
  readonly intervalS = signal(0);
  readonly priority = signal<Priority>("normal");
  readonly unknownPolicy = signal<UnknownPolicy>("hold");
  readonly start = signal<Start>("now");
  /** Local time, as an input of type datetime-local has it. */
  readonly startAt = signal("");
  /** Which of the sample rows the message is shown for. */
  readonly sample = signal(0);

  readonly templates = resource({
    loader: ({ abortSignal }) => this.#api.templates.list({ limit: 1_000 }, { signal: abortSignal }),
  });
  readonly devices = resource({
    loader: ({ abortSignal }) => this.#api.devices.list({ limit: 1_000 }, { signal: abortSignal }),
  });
  readonly pools = resource({
    loader: ({ abortSignal }) => this.#api.devicePools.list({ signal: abortSignal }),
  });

  readonly template = computed(() => {
    const id = this.templateId();
    return this.templates.hasValue() ? this.templates.value().items.find((one) => one.id === id) : undefined;
  });
  readonly body = computed(() => this.template()?.body ?? this.ownText());
  /** The text with its holes; the error that stops it from having any. */
  readonly parsed = computed((): { template: Template } | { error: string } => {
    try {
      return { template: parseTemplate(this.body()) };
    } catch (error) {
      if (error instanceof TemplateError) return { error: error.message };
      throw error;
    }
  });
  readonly variables = computed(() => {
    const parsed = this.parsed();
    return "template" in parsed ? variablesOf(parsed.template) : [];
  });

  readonly #asked = computed(() => {
    const file = this.file();
    if (file === null) return undefined;
    const text = "error" in this.parsed() ? "" : this.body();
    return { file, mapping: this.mapping(), ...(text.trim() === "" ? {} : { body: text }) };
  });
  readonly #settled = toSignal(toObservable(this.#asked).pipe(debounceTime(typingMs)));
  /** What the server makes of the file, with this text and this mapping. */
  readonly preview = resource({
    params: () => this.#settled(),
    loader: ({ params: { file, ...form }, abortSignal }) =>
      this.#api.campaigns.preview(form, file, { signal: abortSignal }),
  });
  /** The last answer about this file, also while the next one is on its way. */
  readonly seen = linkedSignal<Answer, CampaignPreview | null>({
    source: () => ({
      file: this.file(),
      answer: this.preview.hasValue() ? (this.preview.value() ?? null) : null,
    }),
    computation: ({ file, answer }, previous) =>
      answer ?? (previous !== undefined && previous.source.file === file ? previous.value : null),
  });

  /** Values of the sample row by the keys of variables. */
  readonly values = computed((): Readonly<Record<string, string>> => {
    const seen = this.seen();
    const row = seen?.rows[this.sample()];
    if (!seen || !row) return {};
    const byColumn = new Map(
      seen.columns.map((name, column) => [variableKey(name), row.cells[column] ?? ""]),
    );
    const mapping = this.mapping();
    return Object.fromEntries(
      this.variables().map(({ key }) => [key, byColumn.get(variableKey(mapping[key] ?? key))?.trim() ?? ""]),
    );
  });

  readonly linked = computed((): readonly Device[] =>
    this.devices.hasValue() ? this.devices.value().items.filter(({ linked }) => linked) : [],
  );
  readonly chosen = computed((): readonly Device[] => {
    if (this.senders() === "some") return this.linked().filter(({ id }) => this.deviceIds().includes(id));
    const pool = this.pools.hasValue()
      ? this.pools.value().find(({ name }) => name === this.pool())
      : undefined;
    if (this.senders() === "pool") return this.linked().filter(({ id }) => pool?.device_ids.includes(id));
    return this.linked();
  });
  readonly estimate = computed(() =>
    estimate({
      messages: this.seen()?.accepted ?? 0,
      devices: this.chosen(),
      devicesLimit: this.devicesLimit() ?? (this.senders() === "all" ? 5 : null),
      intervalMs: this.intervalS() * 1_000,
    }),
  );

  readonly audienceReady = computed(() => {
    const seen = this.seen();
    return seen !== null && seen.phone_column !== null && seen.accepted > 0 && !seen.too_many;
  });
  readonly messageReady = computed(
    () =>
      this.body().trim() !== "" &&
      !("error" in this.parsed()) &&
      !this.preview.isLoading() &&
      this.seen()?.obstacle === null,
  );
  readonly sendingReady = computed(() => {
    if (this.senders() === "pool" && this.pool() === null) return false;
    if (this.senders() === "some" && this.deviceIds().length === 0) return false;
    return this.start() !== "later" || this.startsInFuture();
  });
  readonly startsInFuture = computed(() => Date.parse(this.startAt()) > Date.now());

  form(): CampaignForm {
    const mapping = this.mapping();
    const templateId = this.templateId();
    const limit = this.devicesLimit();
    const pool = this.pool();
    return {
      name: this.name().trim(),
      ...(templateId === null ? { body: this.ownText() } : { template_id: templateId }),
      ...(Object.keys(mapping).length === 0 ? {} : { mapping: { ...mapping } }),
      ...(this.senders() === "some" ? { device_ids: [...this.deviceIds()] } : {}),
      ...(this.senders() === "pool" && pool !== null ? { pool } : {}),
      ...(limit === null ? {} : { devices_limit: limit }),
      interval_ms: Math.round(this.intervalS() * 1_000),
      priority: this.priority(),
      unknown_policy: this.unknownPolicy(),
      start: this.start() !== "paused",
      ...(this.start() === "later" ? { scheduled_at: new Date(this.startAt()).toISOString() } : {}),
    };
  }
}
