import { expect, test, vi } from "vitest";
import { Fixture, link } from "../harness/fixture.ts";

const fixture = Fixture.use();
const to = "34611111111";

test("a send keeps the id that was chosen for it, and its acks come as sent, delivered, read", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;

  const sent = await page.send(to, "hello", "3EB0CHOSEN");
  await page.waitForAck("3EB0CHOSEN", 3);

  expect(sent).toEqual({ id: `true_${to}@c.us_3EB0CHOSEN`, ack: 1, result: "OK" });
  expect((await page.heard()).acks).toEqual([
    { ack: 1, id: "3EB0CHOSEN", chat: `${to}@c.us` },
    { ack: 2, id: "3EB0CHOSEN", chat: `${to}@c.us` },
    { ack: 3, id: "3EB0CHOSEN", chat: `${to}@c.us` },
  ]);
  expect(await sandbox.control.ledger()).toMatchObject({
    total: 1,
    entries: [{ to, from_account: phone, message_id: "3EB0CHOSEN", text: "hello", copies: 1 }],
  });
});

test("an own message is told as a new one too", async () => {
  await using opened = await fixture.openLinked();
  const { page } = opened;

  await page.send(to, "hello", "3EB0OWN");

  expect((await page.heard()).messages).toEqual([
    { id: "3EB0OWN", type: "chat", body: "hello", fromMe: true },
  ]);
});

test("documents and images arrive with their caption", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  const result = await page.page.evaluate(async (chat) => {
    const content = `data:text/plain;base64,${btoa("prices")}`;
    const sent = await WPP.chat.sendFileMessage(chat, content, { type: "document", caption: "Our prices" });
    return sent.sendMsgResult?.messageSendResult;
  }, `${to}@c.us`);

  expect(result).toBe("OK");
  expect((await sandbox.control.ledger()).entries).toMatchObject([{ to, text: "Our prices" }]);
});

test("receipts may come twice, in the wrong order, and under the chat's LID", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ acks: { doubled: true, out_of_order: true, lid: true } });

  await page.send(to, "hello", "3EB0ACKS");
  const acks = await vi.waitFor(async () => {
    const heard = (await page.heard()).acks.filter(({ ack }) => ack > 1);
    expect(heard).toHaveLength(4);
    return heard;
  });

  expect(acks.map(({ ack }) => ack)).toEqual([3, 3, 2, 2]);
  expect(acks.every(({ chat }) => chat.endsWith("@lid"))).toBe(true);
  expect(await page.storedAck(to, "3EB0ACKS")).toBe(3);
});

test("read receipts come for the share of the readers, receipts can be lost altogether", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  await sandbox.control.faults({ read_share: 0, delivered_after_ms: 0, read_after_ms: 0 });
  await page.send(to, "hello", "3EB0UNREAD");
  await page.waitForAck("3EB0UNREAD", 2);
  await sandbox.control.faults({ read_share: 1, acks: { drop_share: 1 } });
  await page.send(to, "hello again", "3EB0NOACK");
  await sandbox.control.faults({ acks: { drop_share: 0 } });
  await page.send(to, "and again", "3EB0ACKED");
  await page.waitForAck("3EB0ACKED", 3);

  expect(await page.storedAck(to, "3EB0UNREAD")).toBe(2);
  expect(await page.storedAck(to, "3EB0NOACK")).toBe(1);
});

test("an account that was migrated has its chats under the LID, and only that id is taken for a message", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ lid_chats: true });

  await expect(page.send(to, "hello", "3EB0WRONG")).rejects.toThrow(
    "Message key remote ID is not same of chat",
  );
  const sent = await page.page.evaluate(async (phone) => {
    const chat = await WPP.chat.find(`${phone}@c.us`);
    const messageId = `true_${chat.id.toString()}_3EB0LID`;
    return (await WPP.chat.sendTextMessage(chat.id, "hello", { messageId, linkPreview: false })).id;
  }, to);

  expect(sent).toMatch(/^true_\d+@lid_3EB0LID$/);
  expect((await sandbox.control.ledger()).entries).toMatchObject([{ to, message_id: "3EB0LID" }]);
});

test("what was said while the line was down goes out when it is back", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;
  await sandbox.control.faults({ refuse_connections: true });
  await page.page.waitForFunction(() => globalThis.heard.events.includes("conn.online:false"));

  expect(await page.sendWithin(200, to, "hello", "3EB0OFFLINE")).toBe("pending");
  expect(await page.storedAck(to, "3EB0OFFLINE")).toBe(0);
  await sandbox.control.faults({ refuse_connections: false });
  await page.waitForAck("3EB0OFFLINE", 3);

  expect((await sandbox.control.ledger()).total).toBe(1);
});

test("a message that comes in is told with its text, the sender's number stands behind a LID", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  const from = "34699999999";

  const plain = await sandbox.control.inbound({ to: phone, from, text: "hi" });
  await page.page.waitForFunction(() => globalThis.heard.messages.length === 1);
  await sandbox.control.inbound({ to: phone, from, text: "hi", lid: true });
  await page.page.waitForFunction(() => globalThis.heard.messages.length === 2);
  const behind = await page.page.evaluate(() => {
    const [message] = WPP.whatsapp.MsgStore.toArray().slice(-1);
    return String(WPP.whatsapp.lidPnCache.getPhoneNumber(message?.from as never));
  });

  expect((await page.heard()).messages[0]).toEqual({ id: plain, type: "chat", body: "hi", fromMe: false });
  expect(behind).toBe(`${from}@c.us`);
});

test("accounts of the network can write to each other", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  await using other = await fixture.openUnlinked(sandbox);
  await link(sandbox, other.page, "34655555555");

  await other.page.send(phone, "hello from next door", "3EB0NEXTDOOR");
  await page.page.waitForFunction(() => globalThis.heard.messages.length === 1);

  expect((await page.heard()).messages).toMatchObject([{ body: "hello from next door", fromMe: false }]);
});

test("a message that comes twice is not decrypted the first time", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;

  const id = await sandbox.control.inbound({ to: phone, from: "34699999999", text: "hi", twice: true });
  await page.page.waitForFunction(() => globalThis.heard.messages.length === 2);

  expect((await page.heard()).messages).toEqual([
    { id, type: "ciphertext", body: null, fromMe: false },
    { id, type: "chat", body: "hi", fromMe: false },
  ]);
});

test("what comes in while the page is away waits for it", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  await sandbox.control.ok("POST", `/pages/${phone}/drop`);
  await sandbox.control.inbound({ to: phone, from: "34699999999", text: "are you there?" });

  await page.page.waitForFunction(() => globalThis.heard.messages.length === 1);
  await page.waitForLogin();
});
