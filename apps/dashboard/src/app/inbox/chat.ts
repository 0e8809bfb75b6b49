import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  output,
  signal,
  viewChild,
  type ElementRef,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import {
  mdiArrowLeft,
  mdiCheck,
  mdiCheckAll,
  mdiClockOutline,
  mdiAlertCircleOutline,
  mdiPaperclip,
  mdiSend,
} from "@mdi/js";
import type { ChatMedia, ChatMessage, ConversationPatch } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { Icon } from "../ui/icon.ts";
import { saveFile } from "../ui/save-file.ts";
import { stateTexts } from "../ui/states.i18n.ts";
import { Toast } from "../ui/toast.ts";
import { inboxTexts } from "./inbox.i18n.ts";
import { InboxStore } from "./inbox-store.ts";

/** The conversation that is open. */
@Component({
  selector: "app-chat",
  imports: [Icon, MatButtonModule],
  templateUrl: "./chat.html",
  styleUrl: "./chat.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Chat {
  readonly left = output();
  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly store = inject(InboxStore);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(inboxTexts);
  protected readonly states = useTexts(stateTexts);
  protected readonly end = viewChild<ElementRef<HTMLElement>>("end");
  protected readonly text = signal("");
  protected readonly busy = signal(false);
  protected readonly icons = { back: mdiArrowLeft, send: mdiSend, file: mdiPaperclip };
  readonly #newest = computed(() => this.store.messages().at(-1)?.id);
  #key = crypto.randomUUID();

  constructor() {
    afterRenderEffect(() => {
      // Each new message is seen; older ones that are asked for move nothing.
      if (this.#newest() !== undefined) this.end()?.nativeElement.scrollIntoView({ block: "end" });
    });
  }

  protected tick({ state }: ChatMessage): string {
    if (state === "failed" || state === "unknown") return mdiAlertCircleOutline;
    if (state === "delivered" || state === "read") return mdiCheckAll;
    return state === "sent" ? mdiCheck : mdiClockOutline;
  }

  protected async send(): Promise<void> {
    const text = this.text().trim();
    if (text === "" || this.busy()) return;
    this.busy.set(true);
    try {
      await this.store.reply(text, this.#key);
      this.#key = crypto.randomUUID();
      this.text.set("");
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.busy.set(false);
    }
  }

  /** Enter sends, with Shift it begins a line. */
  protected typed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.send();
  }

  protected async patch(id: string, patch: ConversationPatch): Promise<void> {
    try {
      this.store.changed(await this.#api.conversations.patch(id, patch));
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  protected async download(media: ChatMedia): Promise<void> {
    try {
      saveFile(media.filename ?? media.type, await this.#api.media.download(media.id));
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
