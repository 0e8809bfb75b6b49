import {
  beginIdempotent,
  finishIdempotent,
  transaction,
  type Database,
  type Transaction,
} from "@pregonero/db";
import type { Request } from "express";
import { ApiProblem } from "./problem.ts";
import type { AnyReply } from "./route.ts";

export interface IdempotencyKey {
  readonly key: string;
  /** Of method, path and body. */
  readonly requestHash: string;
}

const usableKey = /^[\x21-\x7e]{1,255}$/;

/** @throws ApiProblem when the header is there and not usable */
export function idempotencyKeyOf(req: Request): string | null {
  const key = req.get("idempotency-key");
  if (key === undefined) return null;
  if (usableKey.test(key)) return key;
  throw new ApiProblem("invalid_request", "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
}

/**
 * Runs the one transaction of a creating call. When the call is a repetition, nothing runs and the first answer comes
 * back, marked by a header; a repetition that arrives while the first is at work waits for it.
 *
 * @param afterCommit what is to follow a first run: events and wake-ups, never needed for the work to be done
 */
export async function createOnce<R extends AnyReply, T>(
  db: Database,
  caller: { tenantId: number; idempotency: IdempotencyKey | null },
  work: (tx: Transaction) => Promise<{ reply: R; made: T }>,
  afterCommit?: (made: T) => void,
): Promise<R> {
  const request = caller.idempotency && { tenantId: caller.tenantId, ...caller.idempotency };
  const outcome = await transaction(db, async (tx) => {
    const stored = request && (await beginIdempotent(tx, request));
    if (stored) return { kind: "replayed", stored } as const;
    const { reply, made } = await work(tx);
    if (request) await finishIdempotent(tx, request, { status: reply.status, body: reply.body });
    return { kind: "done", reply, made } as const;
  });
  if (outcome.kind === "done") {
    afterCommit?.(outcome.made);
    return outcome.reply;
  }
  // What was stored is a reply of this route: its key is bound to method and path.
  return { ...outcome.stored, headers: { "Idempotency-Replayed": "true" } } as unknown as R;
}
