import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatSlideToggleModule, type MatSlideToggleChange } from "@angular/material/slide-toggle";
import { mdiDeleteOutline, mdiPlus, mdiRobotOutline } from "@mdi/js";
import type { BotRule, Device } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { KeysetList } from "../../table/keyset-list.ts";
import { Confirm } from "../../ui/confirm.ts";
import { EmptyState } from "../../ui/empty-state.ts";
import { Icon } from "../../ui/icon.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { botTexts } from "./bot.i18n.ts";
import { RuleDialog, type RuleDialogData } from "./rule-dialog.ts";

/** A tenant has some dozens at most: all are fetched. */
const pageSize = 1_000;

@Component({
  selector: "app-rules",
  imports: [EmptyState, Icon, MatButtonModule, MatProgressBarModule, MatSlideToggleModule, ProblemBanner],
  template: `
    <section class="card">
      <div class="card-head">
        <div>
          <h2>{{ t().rules.title }}</h2>
          <p class="faint">{{ t().rules.lead }}</p>
        </div>
        <span class="spacer"></span>
        @if (session.isOperator()) {
          <button mat-stroked-button (click)="edit(null)">
            <app-icon [path]="icons.plus" />{{ t().rules.add }}
          </button>
        }
      </div>
      @if (list.loading()) {
        <mat-progress-bar mode="indeterminate" [attr.aria-label]="t().rules.title" />
      }
      @if (list.problem(); as problem) {
        <app-problem [error]="problem" [retryable]="true" (retry)="list.restart()" />
      }
      <ul>
        @for (rule of list.items(); track rule.id) {
          <li>
            <div class="about">
              <button class="cover" type="button" [disabled]="!session.isOperator()" (click)="edit(rule)">
                {{ rule.name }}
              </button>
              <div class="faint ellipsis">
                {{ t().rules.kinds[rule.kind] }}
                @if (rule.keywords.length > 0) {
                  · {{ rule.keywords.join(", ") }}
                }
              </div>
              <div class="soft ellipsis">{{ rule.reply }}</div>
            </div>
            @if (session.isOperator()) {
              <div class="cell-actions">
                <mat-slide-toggle
                  [checked]="rule.enabled"
                  [aria-label]="t().rules.enabled(rule.name)"
                  (change)="turn(rule, $event)"
                />
                <button
                  mat-icon-button
                  [attr.aria-label]="t().rules.delete + ' ' + rule.name"
                  (click)="remove(rule)"
                >
                  <app-icon [path]="icons.remove" />
                </button>
              </div>
            }
          </li>
        }
      </ul>
      @if (list.begun() && list.items().length === 0) {
        <app-empty-state [icon]="icons.bot" [title]="t().rules.none" [text]="t().rules.noneText" />
      }
    </section>
  `,
  styles: `
    .card-head {
      padding: 10px 20px;
    }
    .card-head button {
      flex: none;
    }
    ul {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    li {
      position: relative;
      display: flex;
      gap: 12px;
      align-items: center;
      padding: 10px 20px;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    .about {
      flex: 1;
      min-width: 0;
      font-size: 13px;
    }
    .cover {
      font-size: 14px;
    }
    .cell-actions {
      align-items: center;
      gap: 4px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Rules {
  readonly devices = input.required<readonly Device[]>();
  readonly #api = inject(API).bot;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(botTexts);
  protected readonly icons = { plus: mdiPlus, remove: mdiDeleteOutline, bot: mdiRobotOutline };
  protected readonly list = new KeysetList<BotRule>({
    key: ({ id }) => id,
    load: (cursor, signal) =>
      this.#api.rules({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  });

  constructor() {
    void this.list.restart();
  }

  protected async edit(rule: BotRule | null): Promise<void> {
    const last = this.list.items().at(-1)?.position ?? 0;
    const dialog = this.#dialog.open<RuleDialog, RuleDialogData, BotRule>(RuleDialog, {
      data: { rule, devices: this.devices(), position: last + 10 },
      width: "560px",
      maxWidth: "96vw",
    });
    if (!(await firstValueFrom(dialog.afterClosed()))) return;
    this.#toast.say(this.t().saved);
    await this.list.restart();
  }

  protected async turn(rule: BotRule, { checked, source }: MatSlideToggleChange): Promise<void> {
    try {
      this.list.replace(rule.id, await this.#api.patchRule(rule.id, { enabled: checked }));
    } catch (error) {
      source.checked = !checked;
      this.#toast.problem(error);
    }
  }

  protected async remove({ id, name }: BotRule): Promise<void> {
    const { deleteTitle, deleteText: text, delete: action, deleted } = this.t().rules;
    if (!(await this.#confirm.ask({ title: deleteTitle(name), text, action, dangerous: true }))) return;
    try {
      await this.#api.deleteRule(id);
      this.list.replace(id, null);
      this.#toast.say(deleted);
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
