import {
  claimWebhooks,
  openWebhookSecret,
  recordWebhooks,
  type ClaimedWebhook,
  type CredentialsKeyring,
  type Database,
  type WebhookResult,
} from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import type { Logger, Metrics } from "@pregonero/runtime";
import { workerVersion, type WorkerEnv } from "../env.ts";
import { WebhookDeliverer } from "./webhook-deliverer.ts";
import { WebhookPost } from "./webhook-post.ts";

export interface WebhookParts {
  readonly env: Pick<
    WorkerEnv,
    | "OUTBOUND_ALLOW"
    | "OUTBOUND_PORTS"
    | "WEBHOOK_CONCURRENCY"
    | "WEBHOOK_ENDPOINT_CONCURRENCY"
    | "WEBHOOK_TIMEOUT_MS"
    | "WEBHOOK_DISABLE_DAYS"
  >;
  readonly workerId: string;
  readonly db: Database;
  readonly keyring: CredentialsKeyring;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const dayMs = 24 * 60 * 60_000;
/** Days alone are not enough: a tenant with two events a week has failed twice then. */
const disableFailures = 20;
const pollMs = 500;

/** Delivers webhooks until it is closed. */
export function openWebhookDeliverer(parts: WebhookParts): { close(): Promise<void> } {
  const { env, workerId, db, keyring, log } = parts;
  const guard = createOutboundGuard({ allow: env.OUTBOUND_ALLOW, ports: env.OUTBOUND_PORTS });
  const post = new WebhookPost({ guard, timeoutMs: env.WEBHOOK_TIMEOUT_MS });
  // A try, the time to record it, and as much again.
  const leaseMs = 2 * env.WEBHOOK_TIMEOUT_MS + 1_000;
  const rule = { failures: disableFailures, afterMs: env.WEBHOOK_DISABLE_DAYS * dayMs };
  const deliverer = new WebhookDeliverer({
    claim: (limit) =>
      claimWebhooks(db, { workerId, limit, perEndpoint: env.WEBHOOK_ENDPOINT_CONCURRENCY, leaseMs }),
    record: async (results) => {
      for (const { endpointId, tenantId, reason } of await recordWebhooks(db, workerId, results, rule))
        log.warn("a webhook endpoint was disabled", { endpoint: endpointId, tenant: tenantId, reason });
    },
    secretsOf: (claimed) => secretsOf(keyring, claimed),
    post: (url, headers, body) => post.send(url, headers, body),
    tried: countTries(parts.metrics),
    log,
    userAgent: `Pregonero-Webhooks/${workerVersion}`,
    most: env.WEBHOOK_CONCURRENCY,
    leaseMs,
    pollMs,
  });
  deliverer.start();
  return {
    close: async () => {
      await deliverer.close();
      await post.close();
    },
  };
}

function secretsOf(keyring: CredentialsKeyring, { endpointId, secret, oldSecret }: ClaimedWebhook): string[] {
  const sealed = oldSecret === null ? [secret] : [secret, oldSecret];
  return sealed.map((one) => openWebhookSecret(keyring, endpointId, one));
}

function countTries(metrics: Metrics): (result: WebhookResult) => void {
  const tries = metrics.counter({
    name: "pregonero_webhook_tries_total",
    help: "Tries to deliver a webhook, by what they came to",
    labelNames: ["outcome"],
  });
  const seconds = metrics.histogram({
    name: "pregonero_webhook_seconds",
    help: "How long receivers of webhooks take to answer",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30],
  });
  return ({ outcome, durationMs }) => {
    tries.inc({ outcome });
    seconds.observe(durationMs / 1_000);
  };
}
