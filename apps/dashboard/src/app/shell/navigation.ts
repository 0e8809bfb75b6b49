import {
  mdiAccountCancelOutline,
  mdiBellOutline,
  mdiBriefcaseOutline,
  mdiBullhornVariantOutline,
  mdiCalendarClock,
  mdiCellphone,
  mdiClipboardTextClockOutline,
  mdiInboxOutline,
  mdiKeyOutline,
  mdiMessageTextOutline,
  mdiServerNetwork,
  mdiViewDashboardOutline,
  mdiWebhook,
} from "@mdi/js";
import type { Role } from "@pregonero/client";
import type { PageName, shellTexts } from "./shell.i18n.ts";

interface Destination {
  readonly page: PageName;
  readonly path: string;
  readonly icon: string;
  /** The least role that the page is of use to. */
  readonly role?: Role;
}

interface Group {
  readonly name: keyof (typeof shellTexts)["es"]["groups"] | null;
  readonly destinations: readonly Destination[];
}

export const navigation: readonly Group[] = [
  {
    name: null,
    destinations: [{ page: "overview", path: "/", icon: mdiViewDashboardOutline }],
  },
  {
    name: "send",
    destinations: [
      { page: "campaigns", path: "/campaigns", icon: mdiBullhornVariantOutline },
      { page: "templates", path: "/templates", icon: mdiMessageTextOutline },
      { page: "suppressions", path: "/suppressions", icon: mdiAccountCancelOutline },
    ],
  },
  {
    name: "talk",
    destinations: [{ page: "inbox", path: "/inbox", icon: mdiInboxOutline }],
  },
  {
    name: "work",
    destinations: [
      { page: "jobs", path: "/jobs", icon: mdiBriefcaseOutline },
      { page: "schedules", path: "/schedules", icon: mdiCalendarClock },
      { page: "notifications", path: "/notifications", icon: mdiBellOutline },
    ],
  },
  {
    name: "run",
    destinations: [
      { page: "devices", path: "/devices", icon: mdiCellphone },
      { page: "fleet", path: "/fleet", icon: mdiServerNetwork },
    ],
  },
  {
    name: "manage",
    destinations: [
      { page: "webhooks", path: "/webhooks", icon: mdiWebhook, role: "operator" },
      { page: "apiKeys", path: "/api-keys", icon: mdiKeyOutline, role: "admin" },
      { page: "audit", path: "/audit", icon: mdiClipboardTextClockOutline, role: "admin" },
    ],
  },
];
