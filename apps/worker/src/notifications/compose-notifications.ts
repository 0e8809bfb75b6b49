import type { KeyObject } from "node:crypto";
import type { Database } from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import type { Closer, Logger } from "@pregonero/runtime";
import type { WorkerEnv } from "../env.ts";
import { NotificationSender } from "./notification-sender.ts";
import { NotificationPost } from "./post.ts";
import { Smtp } from "./smtp.ts";

export interface NotificationParts {
  readonly env: WorkerEnv;
  readonly db: Database;
  /** Signs what goes to webhooks. */
  readonly key: KeyObject | null;
  readonly log: Logger;
  readonly closer: Closer;
}

/** Builds what sends notifications, and starts it. */
export function composeNotifications({ env, db, key, log, closer }: NotificationParts): void {
  const guard = createOutboundGuard({ allow: env.OUTBOUND_ALLOW, ports: env.OUTBOUND_PORTS });
  const post = new NotificationPost({ guard, key, timeoutMs: 15_000 });
  closer.add("notification webhooks", () => post.close());
  const smtp = env.smtp === null ? null : new Smtp(env.smtp);
  closer.add("SMTP", () => smtp?.close());
  const sender = new NotificationSender({
    db,
    log,
    smtp,
    post: (url, tenantId, body) => post.send(url, tenantId, body),
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, "") ?? null,
    everyMs: 1_000,
    leaseMs: 120_000,
  });
  sender.start();
  closer.add("notifications", () => sender.close(), { timeoutMs: 30_000 });
}
