import type { ProblemCode, Role } from "@pregonero/contracts";
import type { z } from "zod";
import type { Principal } from "../auth/index.ts";
import type { BodyReader } from "./body.ts";
import type { IdempotencyKey } from "./idempotency.ts";
import type { RequestContext } from "./request-context.ts";

/** Schemas of the answers by status; null for one without a body. */
export type Responses = Readonly<Record<number, z.ZodType | null>>;

type Reply<R extends Responses> = {
  [Status in keyof R & number]: {
    readonly status: Status;
    readonly body: R[Status] extends z.ZodType ? z.input<R[Status]> : null;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R & number];

interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly principal: Principal;
  readonly context: RequestContext;
  /** Of creating routes (`idempotent`), when the caller sent one. */
  readonly idempotency: IdempotencyKey | null;
}

type Tag =
  | "Account"
  | "Overview"
  | "Devices"
  | "Browser contexts"
  | "Templates"
  | "Campaigns"
  | "Jobs"
  | "Messages"
  | "Suppressions"
  | "Queues"
  | "Exports"
  | "Notifications"
  | "Scraping"
  | "Batch jobs"
  | "Schedules"
  | "Settings"
  | "API keys"
  | "Audit"
  | "Real time"
  | "Webhooks"
  | "Bulk jobs"
  | "Bot"
  | "Contacts"
  | "Conversations"
  | "Media"
  | "Statistics"
  | "Queue manager";

/** Fields for clients that were written before problem+json. */
type FailureFields = (detail: string) => Readonly<Record<string, unknown>>;

/** One route, written once: Express, validation and the OpenAPI document derive from it. */
export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B, R extends Responses> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it: `/api/v1/devices/{id}`. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** The least role that may call it. */
  readonly role: Role;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: BodyReader<B>;
  /** Takes an Idempotency-Key: a creating call that is repeated creates nothing twice. */
  readonly idempotent?: boolean;
  readonly responses: R;
  /** Ways to fail beyond those that follow from the rest. */
  readonly problems?: readonly ProblemCode[];
  /** The media type of the answer when it is not JSON: its body is an iterable of text or bytes then. */
  readonly produces?:
    | "text/csv"
    | "image/jpeg"
    | "application/octet-stream"
    | "application/pdf"
    | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  /** What a failure of this route says in addition to the problem's own fields. */
  readonly failureFields?: FailureFields;
  readonly handler: (input: RouteInput<z.output<P>, z.output<Q>, B>) => Promise<Reply<R>>;
}

/** A route with its types forgotten, as the router and the document see it. */
export interface Route extends Omit<RouteSpec<z.ZodType, z.ZodType, unknown, Responses>, "handler"> {
  readonly handle: (input: RouteInput<unknown, unknown, unknown>) => Promise<AnyReply>;
}

export interface AnyReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function defineRoute<
  const R extends Responses,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B = undefined,
>(spec: RouteSpec<P, Q, B, R>): Route {
  const { handler, ...rest } = spec;
  return {
    ...rest,
    // The router hands over what the schemas of this very spec gave out.
    handle: (input) => handler(input as RouteInput<z.output<P>, z.output<Q>, B>),
  };
}

/** A reply whose status keeps its exact type, which is what holds it against the route's schemas. */
export function reply<const Status extends number, Body>(
  status: Status,
  body: Body,
): { readonly status: Status; readonly body: Body } {
  return { status, body };
}
