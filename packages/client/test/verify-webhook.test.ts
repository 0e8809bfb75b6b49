import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifyWebhook, WebhookRefused } from "../src/index.ts";

const secret = "whsec_test";
const body = JSON.stringify({
  id: "1",
  type: "message.sent",
  created_at: "2026-01-01T00:00:00.000Z",
  data: { a: "ñ" },
});
const seconds = Math.floor(Date.now() / 1_000);
const v1 = (key: string, at = seconds, text = body) =>
  `v1=${createHmac("sha256", key).update(`${at}.${text}`).digest("hex")}`;
const headers = (value: string) => ({ "x-pregonero-signature": value });

describe("verifyWebhook", () => {
  test("gives the event of a genuine delivery, whatever holds its headers and body", async () => {
    const value = `t=${seconds},${v1(secret)}`;
    const event = JSON.parse(body);
    expect(await verifyWebhook(secret, headers(value), body)).toEqual(event);
    expect(await verifyWebhook(secret, new Headers(headers(value)), Buffer.from(body))).toEqual(event);
  });

  test("takes either signature while a secret is being changed", async () => {
    const value = `t=${seconds},${v1("new")},${v1(secret)}`;
    for (const key of ["new", secret])
      await expect(verifyWebhook(key, headers(value), body)).resolves.toBeDefined();
    await expect(verifyWebhook("other", headers(value), body)).rejects.toThrow(WebhookRefused);
  });

  test.each([
    ["another secret", `t=${seconds},${v1("other")}`],
    ["another body", `t=${seconds},${v1(secret, seconds, `${body} `)}`],
    ["another time", `t=${seconds - 1},${v1(secret)}`],
    ["too old", `t=${seconds - 301},${v1(secret, seconds - 301)}`],
    ["from the future", `t=${seconds + 301},${v1(secret, seconds + 301)}`],
    ["no signature", `t=${seconds}`],
    ["no time", v1(secret)],
    ["cut short", `t=${seconds},${v1(secret).slice(0, -2)}`],
    ["empty", ""],
  ])("refuses: %s", async (_what, value) => {
    await expect(verifyWebhook(secret, headers(value), body)).rejects.toThrow(WebhookRefused);
  });

  test("refuses a request without the header", async () => {
    await expect(verifyWebhook(secret, {}, body)).rejects.toThrow(/missing/);
  });
});
