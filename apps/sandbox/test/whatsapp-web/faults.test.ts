import { expect, test, vi } from "vitest";
import { Fixture } from "../harness/fixture.ts";

const fixture = Fixture.use();
const to = "34611111111";
const errors = ["ERROR_NETWORK", "ERROR_EXPIRED", "ERROR_CANCELLED", "ERROR_UPLOAD", "ERROR_UNKNOWN"];

test("a failed send resolves with its error, never arrives and does not go out later", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  for (const result of errors) {
    await sandbox.control.faults({ fail: [{ match: {}, result }] });
    // An underscore would end the id.
    const id = `3EB0${result.replace("_", "")}`;
    expect(await page.send(to, result, id)).toMatchObject({ ack: -1, result });
    expect(await page.storedAck(to, id)).toBe(-1);
  }
  await sandbox.control.faults({ fail: [] });
  await page.reload();
  await page.waitForLogin();
  await page.send(to, "afterwards", "3EB0AFTER");

  expect((await sandbox.control.ledger()).entries.map(({ text }) => text)).toEqual(["afterwards"]);
});

test("the ack of a failed send is told by the store's change alone", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ fail: [{ match: {}, result: "ERROR_NETWORK" }] });

  await page.send(to, "hello", "3EB0FAILED");

  const { acks, changes } = await page.heard();
  expect(changes).toEqual([{ ack: -1, id: "3EB0FAILED" }]);
  expect(acks).toEqual([]);
});

test("a send may report an error although it arrived: its acks follow", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ fail: [{ match: { to }, result: "ERROR_NETWORK", delivered: true }] });

  expect(await page.send(to, "hello", "3EB0LIE")).toMatchObject({ result: "ERROR_NETWORK" });
  await page.waitForAck("3EB0LIE", 3);

  expect((await sandbox.control.ledger()).total).toBe(1);
});

test("a failed send that stays in the outbox goes out with the next connection, once", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  await sandbox.control.faults({ fail: [{ match: {}, result: "ERROR_NETWORK", keeps: "outbox" }] });

  expect(await page.send(to, "hello", "3EB0KEPT")).toMatchObject({ ack: 0, result: "ERROR_NETWORK" });
  await sandbox.control.ok("POST", `/pages/${phone}/drop`);
  await page.waitForAck("3EB0KEPT", 1);

  expect((await sandbox.control.ledger()).total).toBe(1);
});

test("a send that hangs never settles, whether it arrived or not", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  const arrived = "34622222222";
  await sandbox.control.faults({
    hang: [
      { match: { to }, arrives: false },
      { match: { to: arrived }, arrives: true },
    ],
  });

  expect(await page.sendWithin(200, to, "hello", "3EB0STUCK")).toBe("pending");
  expect(await page.sendWithin(200, arrived, "hello", "3EB0SILENT")).toBe("pending");
  expect(await page.storedAck(to, "3EB0STUCK")).toBe(0);
  expect((await sandbox.control.ledger()).entries).toMatchObject([{ message_id: "3EB0SILENT" }]);
  await page.reload();
  await vi.waitFor(async () => expect(await page.storedAck(to, "3EB0STUCK")).toBe(3));

  expect((await sandbox.control.summary()).doubled).toEqual([]);
  expect((await sandbox.control.summary()).arrivals).toBe(2);
});

test("a number without WhatsApp does not exist, and a send to it fails", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  expect(await page.exists(to)).toBe(`${to}@c.us`);
  expect(await page.exists("34611110000")).toBeNull();
  expect(await page.send("34611110000", "hello", "3EB0NOBODY")).toMatchObject({
    ack: -1,
    result: "ERROR_UNKNOWN",
  });
  await sandbox.control.faults({ unregistered: ["/^3462/"] });

  expect(await page.exists("34620000001")).toBeNull();
});

test("a network error of the number check looks like a no in wa-js, and like an error underneath", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ exists_network_error_share: 1 });

  expect(await page.exists(to)).toBeNull();
  const underneath = page.page.evaluate(async (phone) => {
    const { functions, WidFactory } = WPP.whatsapp;
    return functions.queryWidExists(WidFactory.createWid(`${phone}@c.us`));
  }, to);
  await expect(underneath).rejects.toThrow("network");
});

test("a number that is not bare digits is sent to and reaches nobody", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  const sent = await page.page.evaluate(async () => {
    const { to: chat, sendMsgResult } = await WPP.chat.sendTextMessage("+34 611 111 111", "hello");
    return { chat, result: sendMsgResult?.messageSendResult };
  });

  expect(sent).toEqual({ chat: "+34 611 111 111@undefined", result: "OK" });
  expect((await sandbox.control.ledger()).total).toBe(0);
});

test("a temporary ban is told as a backend event and refuses sends until it is lifted", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;

  await sandbox.control.ok("POST", `/accounts/${phone}/ban`, { kind: "temporary", reason: "spam" });
  await page.page.waitForFunction(() => globalThis.heard.events.includes("account_temporarily_banned"));
  expect(await page.send(to, "hello", "3EB0BANNED")).toMatchObject({ ack: -1, result: "ERROR_UNKNOWN" });
  await sandbox.control.ok("POST", `/accounts/${phone}/ban`, { kind: "temporary", sends: "silent" });
  expect(await page.sendWithin(200, to, "hello", "3EB0SILENCED")).toBe("pending");
  await sandbox.control.ok("POST", `/accounts/${phone}/unban`);

  expect(await page.send(to, "hello", "3EB0FREE")).toMatchObject({ result: "OK" });
});

test("a page that hangs answers nobody and goes on afterwards", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;

  const before = performance.now();
  await sandbox.control.ok("POST", `/pages/${phone}/hang`, { ms: 400 });
  await page.page.waitForFunction(() => WPP.conn.isAuthenticated());

  expect(performance.now() - before).toBeGreaterThan(300);
});
