import { expect, test } from "vitest";
import type { PregoneroClient } from "../../src/index.ts";

/** Of a test file that has a client of a running API. */
export function conversationCalls(client: () => PregoneroClient): void {
  test("conversations, contacts, files, the bot and figures", async () => {
    const device = await client().devices.create({ name: "atención" });
    const conversation = await client().conversations.begin({ device_id: device.id, phone: "+34600777001" });
    const { id, contact_id } = conversation;
    expect(await client().contacts.patch(contact_id, { name: "Ana" })).toMatchObject({ name: "Ana" });
    expect(await client().contacts.get(contact_id)).toMatchObject({ phone: "34600777001" });
    expect((await client().contacts.list({ search: "ana" })).items).toHaveLength(1);
    expect(await client().conversations.get(id)).toMatchObject({ contact_name: "Ana", unread_count: 0 });

    const file = new Blob(["%PDF"], { type: "application/pdf" });
    const media = await client().media.upload(file, { fileName: "factura.pdf" });
    expect(media).toMatchObject({ type: "document", filename: "factura.pdf", bytes: 4, state: "ready" });
    const got = await client().media.download(media.id);
    expect(await got.text()).toBe("%PDF");
    const options = { idempotencyKey: crypto.randomUUID() };
    const reply = await client().conversations.reply(id, { media_id: media.id, text: "Su factura" }, options);
    expect(reply).toMatchObject({ type: "document", text: "Su factura", media: { id: media.id } });
    expect(
      (await client().conversations.reply(id, { media_id: media.id, text: "Su factura" }, options)).id,
    ).toBe(reply.id);
    await client().conversations.reply(id, { text: "¿Algo más?" });
    const said = [];
    for await (const message of client().conversations.allMessages(id)) said.push(message.text);
    expect(said).toEqual(["¿Algo más?", "Su factura"]);
    expect((await client().conversations.messages(id, { limit: 1 })).next_cursor).not.toBeNull();
    expect(await client().conversations.markRead(id)).toMatchObject({ unread_count: 0 });
    expect(await client().conversations.close(id)).toMatchObject({ status: "closed" });
    expect(await client().conversations.open(id)).toMatchObject({ status: "open" });
    expect(await client().conversations.patch(id, { handed_over: false })).toMatchObject({
      handed_over: false,
    });
    expect((await client().conversations.list({ device_id: device.id, unread: false })).items).toHaveLength(
      1,
    );

    expect(await client().bot.turn(device.id, true)).toMatchObject({ enabled: true });
    expect(await client().bot.status()).toContainEqual(
      expect.objectContaining({ device_id: device.id, enabled: true }),
    );
    const rule = await client().bot.addRule({
      name: "r",
      kind: "keyword",
      keywords: ["hola"],
      reply: "Hola",
    });
    expect(await client().bot.patchRule(rule.id, { enabled: false })).toMatchObject({ enabled: false });
    expect((await client().bot.rules()).items).toHaveLength(1);
    await client().bot.deleteRule(rule.id);
    expect(await client().bot.patchSettings({ hand_over_minutes: 30 })).toMatchObject({
      hand_over_minutes: 30,
    });
    expect(await client().bot.settings()).toMatchObject({ hand_over_minutes: 30 });

    expect(await client().stats.today()).toMatchObject({ sent: 0, open_conversations: 1 });
    expect(await client().stats.days({ from: "2026-01-01", to: "2026-01-03" })).toHaveLength(3);
    expect(await client().stats.devices()).toEqual([]);
    expect(await client().stats.campaigns()).toEqual([]);
    await client()
      .devices.delete(device.id)
      .catch(() => undefined);
  });
}
