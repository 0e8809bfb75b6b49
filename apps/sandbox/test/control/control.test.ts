import { expect, test } from "vitest";
import { openSandbox } from "../harness/sandbox.ts";

test("mistakes are told as problems, with what is wrong", async () => {
  await using sandbox = await openSandbox();
  const { control } = sandbox;

  const answers = [
    await control.request("POST", "/scan", { code: "x", phone: "+34 600" }),
    await control.request("PUT", "/faults", { read_share: 7 }),
    await control.request("PUT", "/faults", [1]),
    await control.request("POST", "/inbound", { to: "34600123456", from: "34611111111", text: "hi" }),
    await control.request("POST", "/accounts/34600123456/logout"),
    await control.request("POST", "/pages/34600123456/drop"),
    await control.request("GET", "/nothing"),
    await control.request("GET", "/ledger?limit=many"),
  ];

  expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 404, 404, 404, 404, 422]);
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set(["application/problem+json"]));
  expect(answers[0]?.body).toMatchObject({
    status: 422,
    detail: expect.stringContaining("phone: must be 8 to 15"),
  });
});

test("a body that is no JSON is the caller's mistake", async () => {
  await using sandbox = await openSandbox();
  const response = await fetch(`${sandbox.url}/control/scan`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });

  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toContain("application/problem+json");
});

test("faults are shown, merged and reset", async () => {
  await using sandbox = await openSandbox();
  const { control } = sandbox;

  await control.faults({ latency_ms: { min: 1, max: 2 }, acks: { doubled: true } });
  expect(await control.ok("GET", "/faults")).toMatchObject({
    latency_ms: { min: 1, max: 2 },
    acks: { doubled: true, late_ms: 0 },
    unregistered: ["*0000"],
  });
  await control.ok("DELETE", "/faults");
  expect(await control.ok("GET", "/faults")).toMatchObject({ latency_ms: 0, acks: { doubled: false } });
});

test("an empty network says so, and is healthy", async () => {
  await using sandbox = await openSandbox();

  expect(await sandbox.control.sessions()).toEqual([]);
  expect(await sandbox.control.ledger()).toEqual({ total: 0, entries: [] });
  expect((await sandbox.control.request("DELETE", "/ledger")).status).toBe(204);
  expect((await fetch(`${sandbox.url}/healthz`)).status).toBe(200);
});

test("the QR of a page can be looked at", async () => {
  await using sandbox = await openSandbox();

  const picture = await fetch(`${sandbox.url}/qr.svg?code=${encodeURIComponent("2@ref,a,b,c")}`);
  expect(picture.headers.get("content-type")).toContain("image/svg+xml");
  expect(await picture.text()).toContain("<svg");
  expect((await fetch(`${sandbox.url}/qr.svg`)).status).toBe(400);
});
