import type { Database } from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import { createLogger } from "@pregonero/runtime";
import { createSecretKey } from "node:crypto";
import { NotificationSender } from "../../src/notifications/notification-sender.ts";
import { NotificationPost } from "../../src/notifications/post.ts";
import { Smtp } from "../../src/notifications/smtp.ts";

export const platformKey = createSecretKey(Buffer.alloc(32, 7));

export interface SenderOptions {
  readonly smtpPort?: number;
  readonly leaseMs?: number;
  readonly allow?: readonly string[];
}

/** What a worker sends notifications with. */
export function makeSender(db: Database, options: SenderOptions = {}) {
  const { smtpPort, leaseMs = 60_000, allow = [] } = options;
  const smtp =
    smtpPort === undefined
      ? null
      : new Smtp({
          host: "127.0.0.1",
          port: smtpPort,
          tls: "off",
          auth: null,
          from: "Pregonero <no-reply@example.com>",
        });
  const post = new NotificationPost({
    guard: createOutboundGuard({ allow }),
    key: platformKey,
    timeoutMs: 5_000,
  });
  const log = createLogger({ service: "test", level: "error", file: null });
  const sender = new NotificationSender({
    db,
    log,
    smtp,
    post: (url, tenantId, body) => post.send(url, tenantId, body),
    publicUrl: "https://crm.example.com",
    everyMs: 50,
    leaseMs,
  });
  return {
    round: () => sender.round(),
    start: () => sender.start(),
    async [Symbol.asyncDispose]() {
      await sender.close();
      smtp?.close();
      await post.close();
      await log.close();
    },
  };
}
