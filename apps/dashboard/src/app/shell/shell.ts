import { BreakpointObserver } from "@angular/cdk/layout";
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  signal,
  viewChild,
  type ElementRef,
} from "@angular/core";
import { takeUntilDestroyed, toSignal } from "@angular/core/rxjs-interop";
import { MatButtonModule } from "@angular/material/button";
import { MatMenuModule } from "@angular/material/menu";
import { MatSidenavModule } from "@angular/material/sidenav";
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import {
  mdiAccountCircleOutline,
  mdiBookOpenVariantOutline,
  mdiBullhornVariant,
  mdiLogout,
  mdiMenu,
} from "@mdi/js";
import { filter, map } from "rxjs";
import { useTexts } from "../i18n/i18n.ts";
import { Live } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { Icon } from "../ui/icon.ts";
import { LiveIndicator } from "./live-indicator.ts";
import { navigation } from "./navigation.ts";
import { Preferences } from "./preferences.ts";
import { shellTexts } from "./shell.i18n.ts";

/** What is around every page: the sections, the account, the state of the live connection. */
@Component({
  selector: "app-shell",
  imports: [
    Icon,
    LiveIndicator,
    MatButtonModule,
    MatMenuModule,
    MatSidenavModule,
    Preferences,
    RouterLink,
    RouterLinkActive,
    RouterOutlet,
  ],
  templateUrl: "./shell.html",
  styleUrl: "./shell.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Shell {
  protected readonly session = inject(Session);
  readonly #router = inject(Router);
  readonly #live = inject(Live);
  protected readonly mainElement = viewChild.required<ElementRef<HTMLElement>>("main");
  protected readonly t = useTexts(shellTexts);
  protected readonly narrow = toSignal(
    inject(BreakpointObserver)
      .observe("(max-width: 959px)")
      .pipe(map(({ matches }) => matches)),
    { initialValue: matchMedia("(max-width: 959px)").matches },
  );
  protected readonly opened = signal(false);
  protected readonly groups = computed(() =>
    navigation
      .map((group) => ({ ...group, destinations: group.destinations.filter(({ role }) => this.#sees(role)) }))
      .filter(({ destinations }) => destinations.length > 0),
  );
  protected readonly icons = {
    menu: mdiMenu,
    logo: mdiBullhornVariant,
    account: mdiAccountCircleOutline,
    docs: mdiBookOpenVariantOutline,
    signOut: mdiLogout,
  };

  constructor() {
    this.#live.open();
    this.#router.events
      .pipe(
        filter((event) => event instanceof NavigationEnd),
        takeUntilDestroyed(),
      )
      .subscribe(() => this.opened.set(false));
  }

  protected skip(event: Event): void {
    event.preventDefault();
    this.mainElement().nativeElement.focus();
  }

  protected async signOut(): Promise<void> {
    this.#live.close();
    this.session.end();
    await this.#router.navigate(["/sign-in"]);
  }

  #sees(role: "viewer" | "operator" | "admin" | undefined): boolean {
    if (role === "admin") return this.session.isAdmin();
    return role !== "operator" || this.session.isOperator();
  }
}
