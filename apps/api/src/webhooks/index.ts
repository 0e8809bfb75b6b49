import type { ReceiveDesk } from "@pregonero/chat";
import type { CredentialsKeyring, Database } from "@pregonero/db";
import type { Closer, Logger } from "@pregonero/runtime";
import type { Router } from "express";
import type { Announcer } from "../events/announcer.ts";
import { Consequences } from "./consequences.ts";
import { StatusDesk } from "./status-desk.ts";
import { createWebhooks } from "./webhook-routes.ts";

export interface WebhooksParts {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly keyring: CredentialsKeyring | null;
  readonly log: Logger;
  readonly closer: Closer;
  readonly inbound: ReceiveDesk;
}

/** The routes that providers report to, with what stands behind them. */
export function openWebhooks({ db, announcer, keyring, log, closer, inbound }: WebhooksParts): Router {
  const consequences = new Consequences({ db, announcer, log });
  const statuses = new StatusDesk({ db, announcer, consequences, log });
  closer.add("webhooks", () => statuses.drain());
  return createWebhooks({ db, keyring, statuses, inbound });
}
