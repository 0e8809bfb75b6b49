import type { Routes, UrlMatchResult, UrlSegment } from "@angular/router";
import type { PageName } from "../shell/shell.i18n.ts";

const title = "inbox" satisfies PageName;

/** One route with and without a conversation: choosing one leaves the list where it was. */
function inboxAddress(segments: UrlSegment[]): UrlMatchResult | null {
  const [page, id] = segments;
  if (page?.path !== "inbox" || segments.length > 2) return null;
  return { consumed: segments, ...(id ? { posParams: { id } } : {}) };
}

export const inboxRoutes: Routes = [
  { path: "inbox/bot", title, loadComponent: async () => (await import("./bot/bot.ts")).BotPage },
  { matcher: inboxAddress, title, loadComponent: async () => (await import("./inbox.ts")).InboxPage },
];
