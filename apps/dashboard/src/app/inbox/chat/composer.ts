import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  inject,
  output,
  signal,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { mdiClose, mdiFileOutline, mdiPaperclip, mdiSend } from "@mdi/js";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { inboxTexts } from "../inbox.i18n.ts";

export interface Written {
  readonly text: string;
  readonly file: File | null;
}

/** WhatsApp's own limits. */
const longestText = 65_536;
const longestCaption = 1_024;

@Component({
  selector: "app-composer",
  imports: [Icon, MatButtonModule],
  template: `
    @if (file(); as chosen) {
      <div class="file">
        <app-icon [path]="icons.file" />
        <span class="ellipsis">{{ chosen.name }}</span>
        <span class="faint">{{ format.bytes(chosen.size) }}</span>
        <button mat-icon-button type="button" [attr.aria-label]="t().detach" (click)="file.set(null)">
          <app-icon [path]="icons.detach" />
        </button>
      </div>
    }
    <form (submit)="$event.preventDefault(); send()">
      <input #picker type="file" hidden (change)="pick(picker)" />
      <button mat-icon-button type="button" [attr.aria-label]="t().attach" (click)="picker.click()">
        <app-icon [path]="icons.attach" />
      </button>
      <textarea
        #area
        rows="1"
        [attr.aria-label]="t().write"
        [attr.placeholder]="file() === null ? t().write : t().caption"
        [attr.maxlength]="file() === null ? longestText : longestCaption"
        [value]="text()"
        (input)="text.set(area.value)"
        (keydown.enter)="entered($event)"
        (paste)="pasted($event)"
      ></textarea>
      <button
        mat-icon-button
        type="submit"
        class="send"
        [attr.aria-label]="t().send"
        [disabled]="text().trim() === '' && file() === null"
      >
        <app-icon [path]="icons.send" />
      </button>
    </form>
  `,
  styles: `
    :host {
      display: block;
      padding: 8px;
      border-top: 1px solid var(--line);
      background: var(--surface);
    }
    form {
      display: flex;
      gap: 4px;
      align-items: flex-end;
    }
    textarea {
      flex: 1;
      min-width: 0;
      max-height: 180px;
      padding: 11px 14px;
      border: 1px solid var(--line-strong);
      border-radius: 20px;
      background: var(--page);
      color: var(--ink);
      font: inherit;
      font-size: 15px;
      resize: none;
      field-sizing: content;
    }
    .send:not([disabled]) {
      color: var(--brand);
    }
    .file {
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 0 4px 4px 12px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Composer {
  readonly written = output<Written>();
  protected readonly area = viewChild.required<ElementRef<HTMLTextAreaElement>>("area");
  protected readonly format = inject(Format);
  protected readonly t = useTexts(inboxTexts);
  protected readonly icons = { attach: mdiPaperclip, send: mdiSend, detach: mdiClose, file: mdiFileOutline };
  protected readonly longestText = longestText;
  protected readonly longestCaption = longestCaption;
  protected readonly text = signal("");
  protected readonly file = signal<File | null>(null);

  /** What could not be sent comes back, unless something else was begun meanwhile. */
  giveBack({ text, file }: Written): void {
    if (this.text() === "") this.text.set(text);
    this.file.update((chosen) => chosen ?? file);
  }

  focus(): void {
    this.area().nativeElement.focus();
  }

  protected entered(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  protected send(): void {
    const written = { text: this.text().trim(), file: this.file() };
    if (written.text === "" && written.file === null) return;
    this.text.set("");
    this.file.set(null);
    this.written.emit(written);
    this.focus();
  }

  protected pick(picker: HTMLInputElement): void {
    this.file.set(picker.files?.[0] ?? null);
    // The same file can be chosen again.
    picker.value = "";
    this.focus();
  }

  protected pasted(event: ClipboardEvent): void {
    const pasted = event.clipboardData?.files[0];
    if (!pasted) return;
    event.preventDefault();
    this.file.set(pasted);
  }
}
