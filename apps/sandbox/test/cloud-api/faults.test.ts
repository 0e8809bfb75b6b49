import { expect, test } from "vitest";
import { CloudFixture, codeOf, errorSchema, idOf, phone, recipient, text } from "./cloud-fixture.ts";

test("an error is injected by code for a number, so many times, and with its own status and details", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({
    fail: [
      { match: { to: "*1111" }, code: 131048, times: 2 },
      { match: { to: "*2222" }, code: 131000, http_status: 400, details: "Try later" },
      { match: { to: "*3333" }, code: 424242 },
    ],
  });
  const first = [await cloud.post(text("a")), await cloud.post(text("b")), await cloud.post(text("c"))];
  const other = await cloud.post(text("d", { to: "34611112222" }));
  const unknown = await cloud.post(text("e", { to: "34611113333" }));

  expect(first.map(({ status }) => status)).toEqual([400, 400, 200]);
  expect(first.slice(0, 2).map(codeOf)).toEqual([131048, 131048]);
  expect(other.status).toBe(400);
  expect(errorSchema.parse(other.body).error).toMatchObject({
    code: 131000,
    error_data: { details: "Try later" },
  });
  expect(codeOf(unknown)).toBe(424242);
  expect(await cloud.arrived()).toEqual(["c"]);
});

test("the nth message, or a share of them, fails", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ fail: [{ match: { nth: 2, account: phone }, code: 131016 }] });
  const three = [await cloud.post(text("a")), await cloud.post(text("b")), await cloud.post(text("c"))];
  await cloud.faults({ fail: [{ match: { share: 0.3 }, code: 131016 }] });
  const many = await Promise.all(Array.from({ length: 300 }, (_, n) => cloud.post(text(`m${n}`))));
  const failed = many.filter(({ status }) => status !== 200).length;

  expect(three.map(({ status }) => status)).toEqual([200, 500, 200]);
  expect(failed).toBeGreaterThan(60);
  expect(failed).toBeLessThan(120);
  expect(await cloud.arrived()).toHaveLength(302 - failed);
});

test("an error may be told by status, and a message may go out in spite of it", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.sandbox.control.faults({ delivered_after_ms: 3_600_000 });
  await cloud.faults({
    fail: [
      { match: { to: "*1111" }, code: 131049, as: "status" },
      { match: { to: "*2222" }, code: 131000, delivered: true },
    ],
  });
  const later = await cloud.post(text("a"));
  const lie = await cloud.post(text("b", { to: "34611112222", biz_opaque_callback_data: "b" }));
  const statuses = await cloud.untilStatuses(2);

  expect([later.status, lie.status]).toEqual([200, 500]);
  expect(statuses).toMatchObject([
    { id: idOf(later), status: "failed", errors: [{ code: 131049 }] },
    { status: "sent", recipient_id: "34611112222", biz_opaque_callback_data: "b" },
  ]);
  expect(await cloud.arrived()).toEqual(["b"]);
});

test("a number without WhatsApp can be refused in the answer", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ unregistered: "answer" });
  const answer = await cloud.post(text("a", { to: "34611110000" }));

  expect([answer.status, codeOf(answer)]).toEqual([400, 131026]);
});

test("garbage, half a body, a cut line and a bare 500 come after the message was taken", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ garbage_share: 1 });
  const garbage = await cloud.post(text("garbage"));
  await cloud.faults({ garbage_share: 0, half_body_share: 1 });
  await expect(cloud.post(text("half"))).rejects.toThrow();
  await cloud.faults({ half_body_share: 0, cut_share: 1 });
  await expect(cloud.post(text("cut"))).rejects.toThrow();
  await cloud.faults({ cut_share: 0, http_500_share: 1 });
  const broken = await cloud.post(text("500"));

  expect([garbage.status, garbage.body]).toEqual([200, null]);
  expect([broken.status, broken.body]).toEqual([500, null]);
  expect(await cloud.arrived()).toEqual(["garbage", "half", "cut", "500"]);
});

test("with `before` the line breaks and nothing was taken", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ before: true, cut_share: 1 });
  await expect(cloud.post(text("cut"))).rejects.toThrow();
  await cloud.faults({ cut_share: 0, http_500_share: 1 });
  expect((await cloud.post(text("500"))).status).toBe(500);
  await cloud.faults({ http_500_share: 0, half_body_share: 1 });
  await expect(cloud.post(text("half"))).rejects.toThrow();

  expect(await cloud.arrived()).toEqual([]);
});

test("an answer that never comes: the message was taken, and its statuses tell so", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ no_answer_share: 1 });
  const abort = new AbortController();
  const pending = cloud.post(text("a", { biz_opaque_callback_data: "m" }), { signal: abort.signal });
  const [status] = await cloud.untilStatuses(1);
  abort.abort();

  await expect(pending).rejects.toThrow(/abort/i);
  expect(status).toMatchObject({ status: "sent", biz_opaque_callback_data: "m" });
  expect(await cloud.arrived()).toEqual(["a"]);
});

test("a caller that goes away during the latency does not call the message back", async () => {
  await using cloud = await CloudFixture.open();
  await cloud.faults({ latency_ms: 300 });
  const abort = new AbortController();
  const pending = cloud.post(text("a"), { signal: abort.signal });
  const other = cloud.post(text("b"));
  setTimeout(() => abort.abort(), 100);

  await expect(pending).rejects.toThrow(/abort/i);
  await other;
  expect((await cloud.arrived()).toSorted()).toEqual(["a", "b"]);
});

test("each account has its throughput, and none by default", async () => {
  await using cloud = await CloudFixture.open();
  const burst = async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => cloud.post(text(`m${n}`))));
    return answers.filter(({ status }) => status !== 200).map(codeOf);
  };
  expect(await burst()).toEqual([]);
  // A whole burst fits into a second, or the machine is too busy to tell anything.
  await cloud.register({ throughput_per_s: 1 });
  const refused = await burst();
  expect(refused.length).toBeGreaterThan(20);
  expect(new Set(refused)).toEqual(new Set([130429]));
  await cloud.register();
  await cloud.faults({ throughput_per_s: 1 });
  expect((await burst()).length).toBeGreaterThan(20);
});

test("with the pair limit one recipient gets a burst and then has to wait, the others do not", async () => {
  await using cloud = await CloudFixture.open();
  const send = () => cloud.post(text("m"));
  expect((await Promise.all(Array.from({ length: 50 }, send))).every(({ status }) => status === 200)).toBe(
    true,
  );
  await cloud.faults({ pair_limit: {} });
  expect(await cloud.sandbox.control.ok("GET", "/faults")).toMatchObject({
    cloud: { pair_limit: { every_ms: 6_000, burst: 45 } },
  });
  // A busy machine may take longer than 6 s for the burst.
  await cloud.faults({ pair_limit: { every_ms: 600_000 } });
  const answers = [];
  for (let n = 0; n < 46; n++) answers.push(await send());

  expect(answers.filter(({ status }) => status === 200).length).toBe(45);
  expect(answers.slice(45).map(codeOf)).toEqual([131056]);
  expect((await cloud.post(text("m", { to: "34611119999" }))).status).toBe(200);
});

test("an account that WhatsApp has blocked or locked is told so", async () => {
  await using cloud = await CloudFixture.open();
  const { control } = cloud.sandbox;
  await control.ok("POST", `/accounts/${phone}/ban`, { kind: "temporary" });
  const blocked = await cloud.post(text("a"));
  await control.ok("POST", `/accounts/${phone}/ban`, { kind: "permanent" });
  const locked = await cloud.post(text("b"));
  await control.ok("POST", `/accounts/${phone}/unban`);

  expect([blocked.status, codeOf(blocked)]).toEqual([403, 368]);
  expect([locked.status, codeOf(locked)]).toEqual([403, 131031]);
  expect((await cloud.post(text("c", { to: recipient }))).status).toBe(200);
});

test("a change of the knobs that is not valid changes none of them", async () => {
  await using cloud = await CloudFixture.open();
  const { control } = cloud.sandbox;
  const answers = [
    await control.request("PUT", "/faults", { latency_ms: 7, cloud: { latncy_ms: 1 } }),
    await control.request("PUT", "/faults", { cloud: { cut_share: 1 }, wablas: 3 }),
    await control.request("PUT", "/faults", { cloud: { cut_share: 1 }, latency_ms: -1 }),
  ];
  await cloud.faults({ webhook: { doubled: true } });
  await cloud.faults({ webhook: { delay_ms: 5 } });

  expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
  expect(await control.ok("GET", "/faults")).toMatchObject({
    latency_ms: 0,
    cloud: { cut_share: 0, webhook: { doubled: true, delay_ms: 5 } },
  });
  expect(await control.ok("DELETE", "/faults")).toMatchObject({ cloud: { webhook: { doubled: false } } });
});
