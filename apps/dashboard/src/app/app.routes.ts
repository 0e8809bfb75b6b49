import type { Routes } from "@angular/router";
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
        path: "**",
        title: title("notFound"),
        loadComponent: async () => (await import("./shell/not-found.ts")).NotFound,
      },
    ],
  },
];
