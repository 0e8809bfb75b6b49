import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  output,
  resource,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatTooltipModule } from "@angular/material/tooltip";
import { RouterLink } from "@angular/router";
import {
  mdiAccountVoice,
  mdiArchiveArrowDownOutline,
  mdiArchiveArrowUpOutline,
  mdiArrowLeft,
  mdiRobotOutline,
} from "@mdi/js";
import type { ChatMessage, Conversation, ConversationPatch, CrmEvent, Device } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Channels } from "../../live/channels.ts";
import { Session } from "../../session/session.ts";
import { Icon } from "../../ui/icon.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { ConnectionDot } from "../connection-dot.ts";
import { inboxTexts } from "../inbox.i18n.ts";
import { ChatThread } from "./chat-thread.ts";
import { Composer, type Written } from "./composer.ts";
import { pendingReply } from "./pending-reply.ts";
import { Thread } from "./thread.ts";

/** One conversation: what was said, what can be done with it, and the answer that is being written. */
@Component({
  selector: "app-chat",
  imports: [
    ChatThread,
    Composer,
    ConnectionDot,
    Icon,
    MatButtonModule,
    MatTooltipModule,
    ProblemBanner,
    RouterLink,
  ],
  templateUrl: "./chat.html",
  styleUrl: "./chat.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Chat {
  readonly id = input.required<string>();
  readonly devices = input.required<readonly Device[]>();
  readonly changed = output<Conversation>();

  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly composer = viewChild(Composer);
  protected readonly session = inject(Session);
  protected readonly channels = inject(Channels);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(inboxTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = {
    back: mdiArrowLeft,
    bot: mdiRobotOutline,
    person: mdiAccountVoice,
    close: mdiArchiveArrowDownOutline,
    open: mdiArchiveArrowUpOutline,
  };

  protected readonly loaded = resource({
    params: () => this.id(),
    loader: ({ params, abortSignal }) => this.#api.conversations.get(params, { signal: abortSignal }),
  });
  protected readonly about = linkedSignal<Conversation | undefined>(() =>
    this.loaded.hasValue() ? this.loaded.value() : undefined,
  );
  protected readonly thread = computed(() => {
    const id = this.id();
    return new Thread((cursor) =>
      this.#api.conversations.messages(id, { limit: 50, ...(cursor === undefined ? {} : { cursor }) }),
    );
  });
  protected readonly device = computed(() => this.devices().find(({ id }) => id === this.about()?.device_id));
  protected readonly connection = computed(() => {
    const device = this.device();
    return device && (this.channels.devices().get(device.id)?.state ?? device.state);
  });
  protected readonly problem = signal<unknown>(null);

  constructor() {
    effect(() => {
      const thread = this.thread();
      untracked(() => {
        this.problem.set(null);
        void thread.newest();
      });
    });
    effect(() => {
      if ((this.about()?.unread_count ?? 0) > 0) untracked(() => void this.#read());
    });
  }

  take(event: CrmEvent): void {
    if (event.type === "new_message" && event.data.conversation.id === this.id()) {
      this.thread().take(event.data.message);
      this.about.set(event.data.conversation);
    }
    if (event.type === "conversation_updated" && event.data.conversation.id === this.id())
      this.about.set(event.data.conversation);
    if (event.type === "message_status_updated" && event.data.conversation_id === this.id())
      this.thread().moved(event.data.message_id, event.data.status);
  }

  async catchUp(): Promise<void> {
    this.loaded.reload();
    await this.thread().newest();
  }

  protected async reply(written: Written): Promise<void> {
    const [id, thread, about] = [this.id(), this.thread(), this.about()];
    if (!about) return;
    const pending = pendingReply(about, written);
    thread.put(pending);
    this.problem.set(null);
    try {
      thread.settle(pending.id, await this.#send(id, pending.id, written));
    } catch (error) {
      thread.settle(pending.id, null);
      if (this.id() !== id) return this.#toast.problem(error);
      this.problem.set(error);
      this.composer()?.giveBack(written);
    }
  }

  protected async change(patch: ConversationPatch, told: string): Promise<void> {
    try {
      this.#know(await this.#api.conversations.patch(this.id(), patch));
      this.#toast.say(told);
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  async #send(id: string, key: string, { text, file }: Written): Promise<ChatMessage> {
    const media =
      file === null ? null : await this.#api.media.upload(file, { fileName: file.name || "file" });
    const said = text === "" ? {} : { text };
    const reply = media === null ? said : { ...said, media_id: media.id };
    return this.#api.conversations.reply(id, reply, { idempotencyKey: key });
  }

  /** Seen by somebody: nothing waits any more. Not while the page is in the background. */
  async #read(): Promise<void> {
    if (!this.session.isOperator()) return;
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => void this.#read(), { once: true });
      return;
    }
    try {
      this.#know(await this.#api.conversations.markRead(this.id()));
    } catch {
      // It stays unread, and is marked with the next message or visit.
    }
  }

  #know(conversation: Conversation): void {
    this.changed.emit(conversation);
    if (conversation.id === this.id()) this.about.set(conversation);
  }
}
