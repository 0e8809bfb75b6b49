import { CdkVirtualScrollViewport, ScrollingModule } from "@angular/cdk/scrolling";
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
import { toObservable, toSignal } from "@angular/core/rxjs-interop";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatSelectModule } from "@angular/material/select";
import { RouterLink } from "@angular/router";
import { mdiForumOutline, mdiMagnify } from "@mdi/js";
import type { Conversation, Device } from "@pregonero/client";
import { debounceTime } from "rxjs";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { ConversationRow } from "./conversation-row.ts";
import { inboxTexts } from "./inbox.i18n.ts";

const typingMs = 250;
/** px: what a row takes. */
const rowHeight = 72;
const aheadRows = 20;
const shows = ["all", "open", "unread", "closed"] as const;
type Show = (typeof shows)[number];

/** Who has written, newest first; any number of them. */
@Component({
  selector: "app-conversation-list",
  imports: [
    ConversationRow,
    EmptyState,
    Icon,
    MatButtonModule,
    MatFormFieldModule,
    MatInputModule,
    MatProgressBarModule,
    MatSelectModule,
    ProblemBanner,
    RouterLink,
    ScrollingModule,
  ],
  templateUrl: "./conversation-list.html",
  styleUrl: "./conversation-list.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConversationList {
  readonly devices = input.required<readonly Device[]>();
  readonly chosen = input<string>();
  readonly #api = inject(API).conversations;
  protected readonly viewport = viewChild(CdkVirtualScrollViewport);
  protected readonly t = useTexts(inboxTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = { search: mdiMagnify, talk: mdiForumOutline };
  protected readonly shows = shows;
  protected readonly rowHeight = rowHeight;

  protected readonly show = signal<Show>("all");
  protected readonly deviceId = signal<number | null>(null);
  protected readonly search = signal("");
  readonly #typed = toSignal(toObservable(this.search).pipe(debounceTime(typingMs)), { initialValue: "" });
  protected readonly filtered = computed(
    () => this.show() !== "all" || this.deviceId() !== null || this.#typed().trim() !== "",
  );
  protected readonly deviceNames = computed(() => new Map(this.devices().map(({ id, name }) => [id, name])));

  protected readonly list = new KeysetList<Conversation>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [show, deviceId, search] = [this.show(), this.deviceId(), this.#typed().trim()];
      return this.#api.list(
        {
          limit: 50,
          ...(show === "open" || show === "closed" ? { status: show } : {}),
          ...(show === "unread" ? { unread: true } : {}),
          ...(deviceId === null ? {} : { device_id: deviceId }),
          ...(search === "" ? {} : { search }),
          ...(cursor === undefined ? {} : { cursor }),
        },
        { signal },
      );
    },
  });
  protected readonly empty = computed(
    () => this.list.begun() && this.list.items().length === 0 && !this.list.loading(),
  );

  constructor() {
    effect(() => {
      this.show();
      this.deviceId();
      this.#typed();
      untracked(() => void this.list.restart());
    });
  }

  /** What has become of a conversation: in its place, or on top when something was said. */
  take(conversation: Conversation, stirred: boolean): void {
    const known = this.list.items().some(({ id }) => id === conversation.id);
    if (stirred && (known || this.#fits(conversation))) this.list.putFirst(conversation);
    else if (known) this.list.replace(conversation.id, conversation);
  }

  /** Events were missed: what is on top is asked for again. */
  async catchUp(): Promise<void> {
    await this.list.restart();
  }

  protected clear(): void {
    this.show.set("all");
    this.deviceId.set(null);
    this.search.set("");
  }

  protected readonly trackBy = (_index: number, { id }: Conversation): string => id;

  protected scrolled(): void {
    const end = this.viewport()?.getRenderedRange().end ?? 0;
    if (end >= this.list.items().length - aheadRows && this.list.problem() === null) void this.list.more();
  }

  /** Whether one that was not in the list belongs into it now. A search is the server's to answer. */
  #fits({ status, unread_count: unread, device_id: deviceId }: Conversation): boolean {
    const show = this.show();
    if (this.#typed().trim() !== "") return false;
    if (this.deviceId() !== null && this.deviceId() !== deviceId) return false;
    return show === "all" || (show === "unread" ? unread > 0 : status === show);
  }
}
