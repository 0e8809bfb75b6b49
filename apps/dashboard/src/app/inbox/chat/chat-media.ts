import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { mdiDownload, mdiFileDocumentOutline, mdiImageBrokenVariant } from "@mdi/js";
import type { ChatMedia } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { saveFile } from "../../ui/save-file.ts";
import { Toast } from "../../ui/toast.ts";
import { inboxTexts } from "../inbox.i18n.ts";

const shownTypes: ReadonlySet<ChatMedia["type"]> = new Set(["image", "sticker", "video", "audio"]);
/** Larger ones are fetched when somebody asks for them. */
const mostShownBytes = 16 * 1_048_576;

/** A file of a message: seen or heard in its place where the browser can, else to be downloaded. */
@Component({
  selector: "app-chat-media",
  imports: [Icon, MatButtonModule],
  template: `
    @let file = media();
    @if (file.state === "pending") {
      <span class="note">{{ t().media[file.type] }} · {{ t().media.pending }}</span>
    } @else if (file.state === "failed" || failed()) {
      <span class="note"><app-icon [path]="icons.broken" />{{ t().media.failed }}</span>
    } @else if (url(); as address) {
      @switch (file.type) {
        @case ("video") {
          <video controls preload="metadata" [src]="address" [attr.aria-label]="t().media.video"></video>
        }
        @case ("audio") {
          <audio controls [src]="address" [attr.aria-label]="t().media.audio"></audio>
        }
        @default {
          <a [href]="address" target="_blank" rel="noopener" [attr.aria-label]="t().media.enlarge">
            <img [src]="address" [alt]="file.filename ?? t().media[file.type]" (error)="failed.set(true)" />
          </a>
        }
      }
    } @else if (shown()) {
      <span class="note waits">{{ t().media[file.type] }}</span>
    } @else {
      <button
        type="button"
        class="file"
        [attr.aria-label]="t().media.download(file.filename ?? t().media[file.type])"
        (click)="save()"
      >
        <app-icon [path]="icons.file" />
        <span class="ellipsis">{{ file.filename ?? t().media[file.type] }}</span>
        @if (file.bytes !== null) {
          <span class="size">{{ format.bytes(file.bytes) }}</span>
        }
        <app-icon [path]="icons.download" />
      </button>
    }
  `,
  styleUrl: "./chat-media.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ChatMediaView {
  readonly media = input.required<ChatMedia>();
  readonly #api = inject(API).media;
  readonly #toast = inject(Toast);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(inboxTexts);
  protected readonly icons = {
    file: mdiFileDocumentOutline,
    download: mdiDownload,
    broken: mdiImageBrokenVariant,
  };
  protected readonly url = signal<string | null>(null);
  protected readonly failed = signal(false);
  #fetched: string | null = null;

  constructor() {
    effect(() => {
      const { id, state } = this.media();
      if (state !== "ready" || !this.shown() || this.#fetched === id) return;
      this.#fetched = id;
      void this.#fetch(id);
    });
    inject(DestroyRef).onDestroy(() => {
      const url = this.url();
      if (url !== null) URL.revokeObjectURL(url);
    });
  }

  protected shown(): boolean {
    const { type, bytes } = this.media();
    return shownTypes.has(type) && (bytes ?? 0) <= mostShownBytes;
  }

  protected async save(): Promise<void> {
    const { id, filename, type } = this.media();
    try {
      saveFile(filename ?? type, await this.#api.download(id));
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  async #fetch(id: string): Promise<void> {
    try {
      this.url.set(URL.createObjectURL(await this.#api.download(id)));
    } catch {
      this.failed.set(true);
    }
  }
}
