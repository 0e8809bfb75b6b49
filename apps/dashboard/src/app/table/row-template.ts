import { Directive, inject, input, TemplateRef } from "@angular/core";
import type { KeysetList } from "./keyset-list.ts";

export interface RowContext<T> {
  readonly $implicit: T;
}

/** The cells of one row: `<ng-template appRow [of]="list" let-item>`. */
@Directive({ selector: "ng-template[appRow]" })
export class RowTemplate<T> {
  /** Says what an item is; nothing else. */
  readonly of = input.required<KeysetList<T> | readonly T[]>();
  readonly template = inject<TemplateRef<RowContext<T>>>(TemplateRef);

  static ngTemplateContextGuard<T>(_row: RowTemplate<T>, context: unknown): context is RowContext<T> {
    return context !== null;
  }
}
