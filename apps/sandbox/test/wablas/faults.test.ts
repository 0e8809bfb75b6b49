import { expect, test } from "vitest";
import { accepted, message, recipient, refusal, WablasFixture } from "./wablas-fixture.ts";

test("a request with a message that is to fail is refused as a whole, with the status of the rule", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({
    fail: [
      { match: { to: "*9999" }, code: 503, details: "Server is busy", times: 1 },
      { match: { to: "*8888" }, details: "Odd" },
    ],
  });
  const data = [message("a"), message("b", { phone: "6281218449999" })];
  const busy = await wablas.post(data);
  const odd = await wablas.post([message("c", { phone: "6281218448888" })]);
  const again = await wablas.post(data);

  expect([busy.status, refusal(busy)]).toEqual([503, "Server is busy"]);
  expect([odd.status, refusal(odd)]).toEqual([200, "Odd"]);
  expect(again.status).toBe(200);
  expect(await wablas.arrived()).toEqual(["a", "b"]);
});

test("a failure told by tracking leaves the others of the request alone", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.sandbox.control.faults({ delivered_after_ms: 3_600_000 });
  await wablas.faults({ fail: [{ match: { to: "*9999" }, as: "status", details: "Blocked" }] });
  await wablas.post([message("a"), message("b", { phone: "6281218449999" })]);
  const tracked = await wablas.untilTracked(2);

  expect(tracked.map(({ status, note, phone }) => ({ status, note, phone }))).toEqual(
    expect.arrayContaining([
      { status: "sent", note: "", phone: recipient },
      { status: "reject", note: "Blocked", phone: "6281218449999" },
    ]),
  );
  expect(await wablas.arrived()).toEqual(["a"]);
});

test("a message may go out although the request was refused", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ fail: [{ match: {}, code: 500, delivered: true }] });

  expect((await wablas.post([message("a")])).status).toBe(500);
  expect(await wablas.arrived()).toEqual(["a"]);
});

test("the line breaks after the messages were taken, or before if told so", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ garbage_share: 1 });
  const garbage = await wablas.post([message("garbage")]);
  await wablas.faults({ garbage_share: 0, half_body_share: 1 });
  await expect(wablas.post([message("half")])).rejects.toThrow();
  await wablas.faults({ half_body_share: 0, cut_share: 1 });
  await expect(wablas.post([message("cut")])).rejects.toThrow();
  await wablas.faults({ cut_share: 0, http_500_share: 1, before: true });
  const broken = await wablas.post([message("500")]);

  expect([garbage.status, garbage.body]).toEqual([200, null]);
  expect([broken.status, broken.body]).toEqual([500, null]);
  expect(await wablas.arrived()).toEqual(["garbage", "half", "cut"]);
});

test("an answer that never comes: the message was taken, and its tracking tells so", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ no_answer_share: 1 });
  const abort = new AbortController();
  const pending = wablas.post([message("a", { ref_id: "ours" })], undefined, abort.signal);
  const [tracked] = await wablas.untilTracked(1);
  abort.abort();

  await expect(pending).rejects.toThrow(/abort/i);
  expect(tracked).toMatchObject({ status: "sent", ref_id: "ours" });
});

test("answers take as long as they are told to", async () => {
  await using wablas = await WablasFixture.open();
  await wablas.faults({ latency_ms: { min: 200, max: 250 } });
  const startedAt = performance.now();
  accepted(await wablas.post([message("a")]));

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199);
});
