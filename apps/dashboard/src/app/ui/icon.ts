import { ChangeDetectionStrategy, Component, input } from "@angular/core";

/** A drawing of @mdi/js: as large and of the colour as the text around. Says nothing to screen readers. */
@Component({
  selector: "app-icon",
  template: `<svg viewBox="0 0 24 24" aria-hidden="true"><path [attr.d]="path()" /></svg>`,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
      font-size: 20px;
    }
    svg {
      width: 1em;
      height: 1em;
      fill: currentColor;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Icon {
  readonly path = input.required<string>();
}
