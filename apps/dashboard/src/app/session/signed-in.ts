import { inject } from "@angular/core";
import { Router, type CanActivateFn } from "@angular/router";
import { PregoneroError } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Session } from "./session.ts";

/** Lets in who has a good token, or everybody where the server asks for none. */
export const signedIn: CanActivateFn = async (_route, { url }) => {
  const session = inject(Session);
  const api = inject(API);
  const router = inject(Router);
  if (session.me() !== null) return true;
  try {
    session.begin(await api.me());
    return true;
  } catch (error) {
    const reachable = error instanceof PregoneroError && error.status === 401;
    const queryParams = { ...(url === "/" ? {} : { to: url }), ...(reachable ? {} : { away: true }) };
    return router.createUrlTree(["/sign-in"], { queryParams });
  }
};
