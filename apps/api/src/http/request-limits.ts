import type { Allowance, RequestLimit } from "@pregonero/queue";
import type { Response } from "express";
import type { Principal } from "../auth/index.ts";
import { ApiProblem } from "./problem.ts";

export interface RequestLimits {
  /** Counts a request of this caller. @throws ApiProblem 429 */
  check(principal: Principal, res: Response): Promise<void>;
}

export interface RequestLimitSettings {
  /** Requests a minute of one key or user, over all instances; 0: any number. */
  readonly perCaller: number;
  /** The same of a tenant, with all that call for it. */
  readonly perTenant: number;
}

/** How many requests a caller may make, told in the headers of every answer (draft-ietf-httpapi-ratelimit-headers). */
export function requestLimits(
  limiter: { take(limits: readonly RequestLimit[]): Promise<Allowance | null> },
  settings: RequestLimitSettings,
): RequestLimits {
  return {
    async check({ tenantId, actor }, res) {
      const allowance = await limiter.take([
        { key: `caller:${tenantId}:${actor}`, perMinute: settings.perCaller },
        { key: `tenant:${tenantId}`, perMinute: settings.perTenant },
      ]);
      if (!allowance) return;
      const seconds = String(Math.ceil(allowance.resetMs / 1_000));
      res.set({
        "RateLimit-Limit": String(allowance.limit),
        "RateLimit-Remaining": String(allowance.remaining),
        "RateLimit-Reset": seconds,
      });
      if (allowance.allowed) return;
      throw new ApiProblem(
        "too_many_requests",
        `More than ${allowance.limit} requests in a minute. Try again in ${seconds} s.`,
        { headers: { "Retry-After": seconds } },
      );
    },
  };
}
