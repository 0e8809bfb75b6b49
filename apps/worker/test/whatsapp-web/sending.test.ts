import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../browser/fleet-harness.ts";
import { connectedDevice, type Device, freshId, freshPhone, outgoing } from "./channel-harness.ts";
import { holdUp } from "./hold-up.ts";
import { Sandbox } from "./sandbox.ts";

const { signal } = new AbortController();
let sandbox: Sandbox;
let device: Device;
beforeAll(async () => {
  sandbox = await Sandbox.start();
  device = await connectedDevice(sandbox, { sendMs: 3_000, heartbeatMs: 60_000 });
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});
afterEach(() => sandbox.control("DELETE", "/faults"));

/** Closes the browser and opens it again on the same profile. */
async function reconnect(): Promise<void> {
  await device.channel.disconnect();
  await device.channel.connect(signal);
  await until(() => device.channel.state === "connected");
}

describe("a send that is refused was not begun", () => {
  it("because the recipient is no phone number", async () => {
    for (const to of ["+34600123123", "34 600", "34600123123@c.us", "", "0034600123123"]) {
      expect(await device.channel.send(outgoing(to))).toMatchObject({
        kind: "refused",
        failure: { code: "invalid_recipient" },
      });
    }
  });

  it("because it is not a text, which is all that this channel carries", async () => {
    const content = { kind: "template", name: "promo", language: "es", components: [] } as const;
    expect(await device.channel.send(outgoing(freshPhone(), { content }))).toMatchObject({
      kind: "refused",
      failure: { code: "rejected" },
    });
  });

  it("because the lease is over", async () => {
    const message = outgoing(freshPhone(), { notAfterMs: performance.now() });
    expect(await device.channel.send(message)).toMatchObject({ failure: { code: "not_started" } });
    expect(await sandbox.arrivals(message.to)).toEqual([]);
  });

  it("because the lease was over by the time that the page came to it", async () => {
    void device.pages.at(-1)?.evaluate(holdUp, 800);
    const message = outgoing(freshPhone(), { notAfterMs: performance.now() + 300 });
    expect(await device.channel.send(message)).toMatchObject({ failure: { code: "not_started" } });
    expect(await sandbox.arrivals(message.to)).toEqual([]);
  });

  it("because the number is not on WhatsApp", async () => {
    const to = `${freshPhone().slice(0, 7)}0000`;
    expect(await device.channel.send(outgoing(to))).toMatchObject({
      kind: "refused",
      failure: { code: "not_on_whatsapp" },
    });
    expect(await device.channel.checkNumber(to)).toBe("no");
    expect(await device.channel.checkNumber("123")).toBe("no");
  });

  it("because the number could not be checked, which is not the same, and passes", async () => {
    const to = freshPhone();
    await sandbox.faults({ exists_network_error_share: 1 });
    expect(await device.channel.checkNumber(to)).toBe("dont_know");
    expect(await device.channel.send(outgoing(to))).toMatchObject({
      kind: "refused",
      failure: { code: "provider_temporary" },
    });
    await sandbox.faults({ exists_network_error_share: 0 });
    expect(await device.channel.checkNumber(to)).toBe("yes");
    expect(await device.channel.send(outgoing(to))).toEqual({ kind: "sent", ack: "sent" });
    // A number that is known is not asked for again.
    await sandbox.faults({ exists_network_error_share: 1 });
    expect(await device.channel.checkNumber(to)).toBe("yes");
    expect(await device.channel.send(outgoing(to))).toEqual({ kind: "sent", ack: "sent" });
  });
});

describe("a send that WhatsApp fails", () => {
  it("and marks as failed is refused, and does not go out later by itself", async () => {
    const results = ["ERROR_NETWORK", "ERROR_EXPIRED", "ERROR_CANCELLED", "ERROR_UPLOAD", "ERROR_UNKNOWN"];
    await sandbox.faults({ fail: results.map((result) => ({ result, times: 1 })) });
    const messages = results.map(() => outgoing(freshPhone()));
    for (const [index, message] of messages.entries()) {
      expect(await device.channel.send(message)).toEqual({
        kind: "refused",
        failure: { code: "provider_temporary", detail: results[index] },
      });
      await device.hears(`ack ${message.providerMessageId} failed`);
    }
    await reconnect();
    for (const { to, providerMessageId } of messages) {
      expect(
        await device.channel.lookup([providerMessageId], new Map([[providerMessageId, { to }]])),
      ).toEqual(new Map([[providerMessageId, "failed"]]));
      expect(await sandbox.arrivals(to)).toEqual([]);
    }
  });

  it("but keeps in its outbox is ambiguous, and goes out with the next connection", async () => {
    await sandbox.faults({ fail: [{ result: "ERROR_NETWORK", keeps: "outbox", times: 1 }] });
    const message = outgoing(freshPhone());
    const { to, providerMessageId: id } = message;
    expect(await device.channel.send(message)).toMatchObject({ kind: "ambiguous" });
    expect(await device.channel.lookup([id])).toEqual(new Map([[id, "outbox"]]));
    await reconnect();
    // Acked before anybody listened: the page tells what it finds in the store.
    await device.hears(`ack ${id}`);
    expect(await sandbox.arrivals(to)).toMatchObject([{ message_id: id, copies: 1 }]);
  });

  it("although it was delivered is ambiguous until the ack tells", async () => {
    await sandbox.faults({ fail: [{ result: "ERROR_UNKNOWN", delivered: true, times: 1 }] });
    const message = outgoing(freshPhone());
    expect(["ambiguous", "sent"]).toContain((await device.channel.send(message)).kind);
    await device.hears(`ack ${message.providerMessageId} delivered`);
  });

  it("by never answering is ambiguous after the time limit, whether it arrived or not", async () => {
    await sandbox.faults({
      hang: [
        { match: { nth: 1 }, arrives: true },
        { match: { nth: 2 }, arrives: false },
      ],
    });
    for (const arrived of [1, 0]) {
      const message = outgoing(freshPhone());
      const begunAt = performance.now();
      const outcome = await device.channel.send(message);
      expect(performance.now() - begunAt).toBeLessThan(4_000);
      // What arrived may have been acked meanwhile, although its call hangs.
      if (arrived === 0) expect(outcome).toMatchObject({ kind: "ambiguous" });
      else expect(["ambiguous", "sent"]).toContain(outcome.kind);
      expect(await sandbox.arrivals(message.to)).toHaveLength(arrived);
    }
  });
});

describe("a page that is lost in the middle of a send", () => {
  it("makes the outcome ambiguous, and the store of the session tells later", async () => {
    await sandbox.faults({ latency_ms: 60_000 });
    const message = outgoing(freshPhone());
    const sending = device.channel.send(message);
    const id = message.providerMessageId;
    await until(async () => (await device.channel.lookup([id])).get(id) === "outbox");
    const crash = device.pages
      .at(-1)
      ?.goto("chrome://crash")
      .catch(() => undefined);
    expect(await sending).toMatchObject({ kind: "ambiguous" });
    await crash;
    await sandbox.control("DELETE", "/faults");
    await reconnect();
    const hints = new Map([[id, { to: message.to }]]);
    await until(async () =>
      ["sent", "delivered", "read"].includes((await device.channel.lookup([id], hints)).get(id) ?? ""),
    );
    expect(await sandbox.arrivals(message.to)).toHaveLength(1);
  });
});

describe("acks", () => {
  it("are told once each and never backwards, doubled, out of order or under a LID as they may come", async () => {
    await sandbox.faults({ acks: { doubled: true, out_of_order: true, lid: true } });
    const message = outgoing(freshPhone());
    const again = outgoing(message.to);
    await device.channel.send(message);
    await device.channel.send(again);
    for (const { providerMessageId: id } of [message, again]) {
      await device.hears(`ack ${id} read`);
      const ranks = device.heard
        .filter((line) => line.startsWith(`ack ${id} `))
        .map((line) => ["sent", "delivered", "read"].indexOf(line.split(" ")[2] ?? ""));
      expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
    }
  });
});

describe("inbound messages", () => {
  const inbound = async (more: Record<string, unknown>): Promise<{ id: string; from: string }> => {
    const from = freshPhone();
    const order = { to: device.phone, from, text: "¿quién es?", ...more };
    const { id } = (await sandbox.control("POST", "/inbound", order)) as { id: string };
    await device.hears(`inbound ${id}`);
    return { id, from };
  };
  const heardOf = (id: string): string[] => device.heard.filter((line) => line.startsWith(`inbound ${id} `));

  it("are told once, also when they come twice, with the text", async () => {
    for (const more of [{}, { twice: true }]) {
      const { id, from } = await inbound(more);
      expect(heardOf(id)).toEqual([`inbound ${id} ${from} ¿quién es?`]);
    }
  });

  it("of a LID come with the number when WhatsApp knows it", async () => {
    const known = await inbound({ lid: true });
    expect(heardOf(known.id)).toEqual([`inbound ${known.id} ${known.from} ¿quién es?`]);
    const hidden = await inbound({ lid: true, lid_known: false });
    expect(heardOf(hidden.id)[0]).toMatch(/^inbound \S+ \d+@lid /);
  });

  it("of one's own are not told", async () => {
    const message = outgoing(freshPhone());
    await device.channel.send(message);
    await device.hears(`ack ${message.providerMessageId} read`);
    expect(heardOf(message.providerMessageId)).toEqual([]);
  });
});

describe("the context", () => {
  it("is busy while it sends and available again afterwards, also after a failure", async () => {
    await until(() => device.statuses.at(-1) === "available");
    device.statuses.length = 0;
    await sandbox.faults({ fail: [{ result: "ERROR_UNKNOWN", times: 1 }] });
    await device.channel.send(outgoing(freshPhone()));
    await until(() => device.statuses.length === 2);
    expect(device.statuses).toEqual(["busy", "available"]);
    const usage = await device.channel.usage();
    expect(usage?.sends).toBeGreaterThan(0);
    expect(usage?.memoryMb).toBeGreaterThan(20);
  });
});

describe("a lookup", () => {
  const ask = async (id: string, hint?: { to: string; attemptedAt?: Date }): Promise<string | undefined> =>
    (await device.channel.lookup([id], hint === undefined ? undefined : new Map([[id, hint]]))).get(id);

  it("finds on disk what is not in memory any more, by the recipient; and proves what was never sent", async () => {
    const message = outgoing(freshPhone());
    const { to, providerMessageId: id } = message;
    await device.channel.send(message);
    await device.hears(`ack ${id} read`);
    expect(await ask(id)).toBe("read");
    await reconnect();
    expect(await ask(id, { to })).toMatch(/^(sent|delivered|read)$/);
    expect(await ask(freshId(), { to })).toBe("not_found");
    expect(await ask(freshId(), { to: freshPhone() })).toBe("not_found");
    // Without the recipient nothing is proved.
    expect(await ask(freshId())).toBe("dont_know");
    // Nor when WhatsApp cannot say under which chats the number may be.
    await sandbox.faults({ exists_network_error_share: 1 });
    expect(await ask(freshId(), { to })).toBe("dont_know");
  });

  it("finds messages in chats that WhatsApp keeps under their LID", async () => {
    await sandbox.faults({ lid_chats: true });
    const message = outgoing(freshPhone());
    expect(await device.channel.send(message)).toEqual({ kind: "sent", ack: "sent" });
    await reconnect();
    expect(await ask(message.providerMessageId, { to: message.to })).toMatch(/^(sent|delivered|read)$/);
  });

  it("answers for every id of a batch", async () => {
    const to = freshPhone();
    const ids = Array.from({ length: 120 }, freshId);
    const answers = await device.channel.lookup(ids, new Map(ids.map((id) => [id, { to }])));
    expect([...answers.keys()]).toEqual(ids);
    expect(new Set(answers.values())).toEqual(new Set(["not_found"]));
  });

  it("proves nothing about attempts of a session before this one, nor while it is logged out", async () => {
    const { to, providerMessageId: id } = outgoing(freshPhone());
    const attemptedAt = new Date(Date.now() - 3_600_000);
    expect(await ask(id, { to, attemptedAt })).toBe("dont_know");
    expect(await ask(id, { to, attemptedAt: new Date() })).toBe("not_found");
    await device.channel.logout();
    await until(() => device.channel.state === "qr");
    expect(await ask(id, { to })).toBe("dont_know");
    await device.channel.disconnect();
    expect(await ask(id, { to })).toBe("dont_know");
  });
});
