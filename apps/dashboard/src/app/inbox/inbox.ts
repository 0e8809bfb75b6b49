import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  resource,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { Router, RouterLink } from "@angular/router";
import { mdiForumOutline, mdiMessagePlusOutline, mdiRobotOutline } from "@mdi/js";
import type { Conversation, CrmEvent } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Channels } from "../live/channels.ts";
import { Session } from "../session/session.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { BeginDialog } from "./begin-dialog.ts";
import { Chat } from "./chat/chat.ts";
import { ConnectionDot } from "./connection-dot.ts";
import { ConversationList } from "./conversation-list.ts";
import { inboxTexts } from "./inbox.i18n.ts";

/** Conversations beside the one that is chosen; on a phone one of the two. */
@Component({
  selector: "app-inbox",
  imports: [Chat, ConnectionDot, ConversationList, EmptyState, Icon, MatButtonModule, PageHeader, RouterLink],
  templateUrl: "./inbox.html",
  styleUrl: "./inbox.scss",
  host: { "[class.chatting]": "id() !== undefined" },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InboxPage {
  /** Of the conversation that is chosen. */
  readonly id = input<string>();

  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  readonly #router = inject(Router);
  protected readonly list = viewChild.required(ConversationList);
  protected readonly chat = viewChild(Chat);
  protected readonly channels = inject(Channels);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(inboxTexts);
  protected readonly icons = { bot: mdiRobotOutline, begin: mdiMessagePlusOutline, talk: mdiForumOutline };
  readonly #devices = resource({
    loader: async ({ abortSignal }) =>
      (await this.#api.devices.list({ limit: 1_000 }, { signal: abortSignal })).items,
  });
  protected readonly devices = computed(() => (this.#devices.hasValue() ? this.#devices.value() : []));

  constructor() {
    const stop = this.channels.subscribe("crm", {
      events: (events) => {
        for (const event of events) this.#take(event);
      },
      // At first, too: something may have been said between the first page and the beginning of the stream.
      snapshot: async () => void (await Promise.all([this.list().catchUp(), this.chat()?.catchUp()])),
    });
    this.channels.followDevices();
    inject(DestroyRef).onDestroy(stop);
  }

  protected changed(conversation: Conversation): void {
    this.list().take(conversation, false);
  }

  protected async begin(): Promise<void> {
    const options = { data: this.devices(), width: "460px" };
    const dialog = this.#dialog.open<BeginDialog, unknown, Conversation>(BeginDialog, options);
    const begun = await firstValueFrom(dialog.afterClosed());
    if (begun) await this.#router.navigate(["/inbox", begun.id]);
  }

  #take(event: CrmEvent): void {
    this.chat()?.take(event);
    if (event.type === "new_message") this.list().take(event.data.conversation, true);
    if (event.type === "conversation_updated") this.list().take(event.data.conversation, false);
  }
}
