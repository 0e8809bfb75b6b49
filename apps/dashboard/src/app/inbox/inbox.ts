import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  resource,
  untracked,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatButtonToggleModule } from "@angular/material/button-toggle";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { mdiForumOutline, mdiInboxOutline, mdiMagnify } from "@mdi/js";
import type { ConnectionState, Conversation } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { stateTexts } from "../ui/states.i18n.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { Chat } from "./chat.ts";
import { inboxTexts } from "./inbox.i18n.ts";
import { InboxStore, type InboxFilter } from "./inbox-store.ts";

@Component({
  selector: "app-inbox",
  imports: [
    Chat,
    EmptyState,
    Icon,
    MatButtonModule,
    MatButtonToggleModule,
    MatFormFieldModule,
    MatInputModule,
    MatProgressBarModule,
    ProblemBanner,
    RouterLink,
  ],
  providers: [InboxStore],
  templateUrl: "./inbox.html",
  styleUrl: "./inbox.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InboxPage {
  /** Of the conversation that is open. */
  readonly id = input<string>();

  readonly #router = inject(Router);
  readonly #api = inject(API);
  protected readonly store = inject(InboxStore);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(inboxTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly states = useTexts(stateTexts);
  protected readonly filters: readonly InboxFilter[] = ["open", "unread", "closed"];
  protected readonly icons = { inbox: mdiInboxOutline, chat: mdiForumOutline, search: mdiMagnify };
  readonly #devices = resource({
    loader: async ({ abortSignal }) =>
      (await this.#api.devices.list({ limit: 1_000 }, { signal: abortSignal })).items,
  });
  protected readonly empty = computed(
    () => this.store.list.begun() && this.store.list.items().length === 0 && !this.store.list.loading(),
  );

  constructor() {
    effect(() => {
      this.store.filter();
      this.store.search();
      untracked(() => void this.store.list.restart());
    });
    effect(() => {
      const id = this.id();
      untracked(() => {
        if (id !== undefined) void this.store.show(id);
        else {
          this.store.openId.set(null);
          this.store.open.set(null);
        }
      });
    });
  }

  protected name({ contact_name: name, phone }: Conversation): string {
    return name ?? this.format.phone(phone);
  }

  protected device({ device_id: id }: Conversation): { name: string; state: ConnectionState } | undefined {
    return this.#devices.hasValue() ? this.#devices.value().find((device) => device.id === id) : undefined;
  }

  protected scrolled(list: HTMLElement): void {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 400) void this.store.list.more();
  }

  protected leave(): void {
    void this.#router.navigate(["/inbox"]);
  }
}
