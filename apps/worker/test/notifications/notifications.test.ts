import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";
import {
  addSuppression,
  notificationSecret,
  pauseJob,
  pauseJobFor,
  transaction,
  writeTenantSettings,
} from "@pregonero/db";
import { nodeProcess } from "../browser/node-process.ts";
import { makeSender, platformKey } from "./make-sender.ts";
import { outboxWorld } from "./outbox-world.ts";
import { openInbox, smtpError } from "./smtp-inbox.ts";

const settle = { email: [], webhook_url: null, on: ["completed" as const] };

describe("mails", () => {
  test("a job that ends is told once to each who asked, by job or by tenant, in Spanish with its figures", async () => {
    await using inbox = await openInbox();
    await using world = await outboxWorld();
    const { db, tenantId } = world;
    const tenants = { max_running_jobs: null, language: "es" as const };
    const notify = { ...settle, email: ["ana@example.com", "eva@example.com"] };
    await writeTenantSettings(db.pool, tenantId, { ...tenants, notify });
    const jobId = await world.makeJob({ email: ["ana@example.com"] });
    await world.end(jobId);
    await using sender = makeSender(db, { smtpPort: inbox.port });
    await using second = makeSender(db, { smtpPort: inbox.port });
    await Promise.all([sender.round(), second.round(), sender.round()]);

    expect(inbox.mails.map(({ to }) => [to].flat()[0]?.text ?? "").toSorted()).toEqual([
      "ana@example.com",
      "eva@example.com",
    ]);
    const [mail] = inbox.mails;
    expect(mail?.subject).toMatch(/: terminado$/);
    expect(mail?.text).toContain("Enviados: 2");
    expect(mail?.text).toContain(`https://crm.example.com/job/${jobId}`);
    expect(mail?.html).toContain(`href="https://crm.example.com/job/${jobId}"`);
    expect(await world.log()).toMatchObject([{ status: "sent" }, { status: "sent" }]);
  });

  test("speak English to a tenant that does; names are text, never markup or another header", async () => {
    await using inbox = await openInbox();
    await using world = await outboxWorld();
    const { db, tenantId } = world;
    const english = { max_running_jobs: null, language: "en" as const, notify: settle };
    await writeTenantSettings(db.pool, tenantId, english);
    const jobId = await world.makeJob({ email: ["ana@example.com"], on: ["failed"] });
    const name = "<script>x</script>\r\nBcc: eve@example.com";
    await db.pool.query(
      `WITH c AS (INSERT INTO campaigns (id, tenant_id, slug, name, body, created_by)
         VALUES (gen_random_uuid(), $2, 'c', $3, 'hi', 'test') RETURNING id)
       UPDATE send_messages_jobs SET campaign_id = (SELECT id FROM c) WHERE id = $1`,
      [jobId, tenantId, name],
    );
    await world.end(jobId, "failed");
    await using sender = makeSender(db, { smtpPort: inbox.port });
    await sender.round();
    const [mail] = inbox.mails;
    expect(mail?.subject).toBe("<script>x</script> Bcc: eve@example.com: failed");
    expect(mail?.bcc).toBeUndefined();
    expect(mail?.html).toContain("&lt;script&gt;x&lt;/script&gt;");
    expect(mail?.html).not.toContain("<script>");
    expect(mail?.text).toContain("has failed");
  });

  test("a change that is rolled back is not told, one that nobody asked for neither", async () => {
    await using world = await outboxWorld();
    const { db, tenantId } = world;
    const jobId = await world.makeJob({ email: ["ana@example.com"], on: ["failed"] });
    await world.end(jobId);
    const other = await world.makeJob({ email: ["ana@example.com"] });
    const rolledBack = transaction(db, async (tx) => {
      await tx.query("UPDATE send_messages_jobs SET status = 'completed' WHERE id = $1", [other]);
      await addSuppression(tx, tenantId, { phone: "1", reason: "x" });
      throw new Error("no");
    });
    await expect(rolledBack).rejects.toThrow("no");
    expect(await world.log()).toEqual([]);
  });

  test("a pause is told when nobody has made it", async () => {
    await using world = await outboxWorld();
    const { db, tenantId } = world;
    const byHand = await world.makeJob({ email: ["ana@example.com"] });
    await pauseJob(db.pool, tenantId, byHand, "paused by somebody");
    expect(await world.log()).toEqual([]);
    const byItself = await world.makeJob({ email: ["ana@example.com"] });
    await pauseJobFor(db, byItself, "half of its messages failed");
    expect(await world.log()).toMatchObject([{ event: "paused", job_id: byItself }]);
  });

  test("a worker killed between claim and send leaves the mail to another: it arrives once", async () => {
    await using inbox = await openInbox();
    await using world = await outboxWorld();
    const jobId = await world.makeJob({ email: ["ana@example.com"] });
    await world.end(jobId);
    let seen = 0;
    inbox.take = () => {
      seen += 1;
      // The first try hangs before the server has taken the mail.
      return seen === 1 ? new Promise<null>(() => undefined) : null;
    };
    const leaseMs = 1_500;
    await using started = nodeProcess("sender-process.ts", import.meta.url, [
      world.url,
      String(inbox.port),
      String(leaseMs),
    ]);
    await vi.waitFor(() => expect(seen).toBe(1), { timeout: 20_000 });
    started.child.kill("SIGKILL");
    await once(started.child, "exit");
    expect(await world.log()).toMatchObject([{ status: "sending", attempts: 1 }]);

    await using sender = makeSender(world.db, { smtpPort: inbox.port, leaseMs });
    sender.start();
    await vi.waitFor(async () => expect(await world.log()).toMatchObject([{ status: "sent", attempts: 2 }]), {
      timeout: 10_000,
    });
    expect(inbox.mails).toHaveLength(1);
  });

  test("one that is sent again has the same Message-ID", async () => {
    await using inbox = await openInbox();
    await using world = await outboxWorld();
    await world.end(await world.makeJob({ email: ["ana@example.com"] }));
    await using sender = makeSender(world.db, { smtpPort: inbox.port });
    await sender.round();
    // As if the worker had died after the server took it and before it could say so.
    await world.db.pool.query("UPDATE notifications SET status = 'sending', next_attempt_at = now()");
    await sender.round();
    const [first, second] = inbox.mails;
    expect(first?.messageId).toMatch(/^<[\da-f-]{36}@example\.com>$/);
    expect(second?.messageId).toBe(first?.messageId);
  });

  test("a server that is busy is asked again later, one that refuses the recipient is not", async () => {
    await using inbox = await openInbox({
      disabledCommands: ["STARTTLS"],
      authOptional: true,
      onRcptTo({ address }, _session, callback) {
        if (address.startsWith("busy")) callback(smtpError(451, "try later"));
        else if (address.startsWith("gone")) callback(smtpError(550, "no such mailbox"));
        else callback();
      },
    });
    await using world = await outboxWorld();
    await world.end(
      await world.makeJob({ email: ["busy@example.com", "gone@example.com", "ana@example.com"] }),
    );
    await using sender = makeSender(world.db, { smtpPort: inbox.port });
    await sender.round();
    const log = new Map((await world.log()).map((row) => [row.recipient, row]));
    expect(log.get("busy@example.com")).toMatchObject({ status: "pending", attempts: 1 });
    expect(log.get("gone@example.com")).toMatchObject({
      status: "failed",
      last_error: expect.stringContaining("no such mailbox"),
    });
    expect(log.get("ana@example.com")).toMatchObject({ status: "sent" });
  });
});

describe("webhooks", () => {
  test("get the figures as JSON under a signature that proves who sent it", async () => {
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((req, res) => {
      void text(req).then((body) => {
        got.push({ headers: req.headers, body });
        res.end("ok");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      await using world = await outboxWorld();
      const jobId = await world.makeJob({ webhook_url: `http://127.0.0.1:${port}/hook` });
      await world.end(jobId);
      await using sender = makeSender(world.db, { allow: ["127.0.0.1"] });
      await sender.round();
      const [call] = got;
      const body: unknown = JSON.parse(call?.body ?? "");
      expect(body).toMatchObject({
        type: "job.completed",
        job_id: jobId,
        data: { total: 3, sent: 2, failed: 1 },
      });
      const [, at = "", signature] =
        /^t=(\d+),v1=(\w+)$/.exec(String(call?.headers["x-pregonero-signature"])) ?? [];
      const secret = notificationSecret(platformKey, world.tenantId);
      expect(signature).toBe(createHmac("sha256", secret).update(`${at}.${call?.body}`).digest("hex"));
    } finally {
      server.close();
    }
  });

  test("never reach into a private network", async () => {
    await using world = await outboxWorld();
    await world.end(await world.makeJob({ webhook_url: "http://127.0.0.1:9/hook" }));
    await using sender = makeSender(world.db);
    await sender.round();
    expect(await world.log()).toMatchObject([
      { status: "failed", attempts: 1, last_error: expect.stringContaining("private network") },
    ]);
  });
});
