import { inject, InjectionToken } from "@angular/core";
import { Router } from "@angular/router";
import { PregoneroClient } from "@pregonero/client";
import { Session } from "../session/session.ts";

/** The API that this page came from, as whoever is signed in. */
export const API = new InjectionToken<PregoneroClient>("API", {
  providedIn: "root",
  factory: () => {
    const session = inject(Session);
    const router = inject(Router);
    return new PregoneroClient({
      baseUrl: location.origin,
      token: () => session.token,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        // The key was revoked or the token has run out. While signing in there is nobody to be sent away.
        if (response.status === 401 && session.me() !== null) {
          session.end();
          void router.navigate(["/sign-in"], { queryParams: { to: router.url } });
        }
        return response;
      },
    });
  },
});
