import type { Routes } from "@angular/router";
import { inboxRoutes } from "./inbox/inbox.routes.ts";
import { signedIn } from "./session/signed-in.ts";
import type { PageName } from "./shell/shell.i18n.ts";

/** Titles are names of pages, which the language of the moment turns into words. */
const title = (page: PageName): string => page;

export const routes: Routes = [
  {
    path: "sign-in",
    title: title("signIn"),
    loadComponent: async () => (await import("./session/sign-in.ts")).SignIn,
  },
  {
    path: "",
    canActivate: [signedIn],
    loadComponent: async () => (await import("./shell/shell.ts")).Shell,
    children: [
      {
        path: "",
        pathMatch: "full",
        title: title("overview"),
        loadComponent: async () => (await import("./overview/overview.ts")).OverviewPage,
      },
      ...inboxRoutes,
      {
        path: "campaigns",
        title: title("campaigns"),
        loadComponent: async () => (await import("./campaigns/campaigns.ts")).CampaignsPage,
      },
      {
        path: "campaigns/new",
        title: title("newCampaign"),
        loadComponent: async () => (await import("./campaigns/wizard/wizard.ts")).CampaignWizard,
      },
      {
        path: "campaigns/:id",
        title: title("campaign"),
        loadComponent: async () => (await import("./campaigns/campaign/campaign.ts")).CampaignPage,
      },
      {
        path: "devices",
        title: title("devices"),
        loadComponent: async () => (await import("./devices/devices.ts")).DevicesPage,
      },
      {
        path: "devices/:id",
        title: title("device"),
        loadComponent: async () => (await import("./devices/device/device.ts")).DevicePage,
      },
      {
        path: "templates",
        title: title("templates"),
        loadComponent: async () => (await import("./templates/templates.ts")).TemplatesPage,
      },
      {
        path: "suppressions",
        title: title("suppressions"),
        loadComponent: async () => (await import("./suppressions/suppressions.ts")).SuppressionsPage,
      },
      {
        path: "fleet",
        title: title("fleet"),
        loadComponent: async () => (await import("./fleet/fleet.ts")).FleetPage,
      },
      {
        path: "reports/:id",
        title: title("report"),
        loadComponent: async () => (await import("./sites/report.ts")).ReportPage,
      },
      {
        path: "reports/:id/compare/:other",
        title: title("report"),
        loadComponent: async () => (await import("./sites/comparison.ts")).ComparisonPage,
      },
      {
        path: "schedules",
        title: title("schedules"),
        loadComponent: async () => (await import("./schedules/schedules.ts")).SchedulesPage,
      },
      {
        path: "notifications",
        title: title("notifications"),
        loadComponent: async () => (await import("./notifications/notifications.ts")).NotificationsPage,
      },
      {
        path: "webhooks",
        title: title("webhooks"),
        loadComponent: async () => (await import("./webhooks/webhooks.ts")).WebhooksPage,
      },
      {
        path: "api-keys",
        title: title("apiKeys"),
        loadComponent: async () => (await import("./api-keys/api-keys.ts")).ApiKeysPage,
      },
      {
        path: "audit",
        title: title("audit"),
        loadComponent: async () => (await import("./audit/audit.ts")).AuditPage,
      },
      {
        path: "jobs",
        title: title("jobs"),
        loadComponent: async () => (await import("./jobs/jobs.ts")).JobsPage,
      },
      { path: "jobs/:id", redirectTo: "job/:id" },
      {
        path: "job/:jobId",
        title: title("job"),
        loadComponent: async () => (await import("./sites/job.ts")).JobPage,
      },
      {
        path: "**",
        title: title("notFound"),
        loadComponent: async () => (await import("./shell/not-found.ts")).NotFound,
      },
    ],
  },
];
