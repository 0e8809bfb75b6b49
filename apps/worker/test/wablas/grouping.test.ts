import { describe, expect, test } from "vitest";
import { json, outgoing } from "../http/provider.ts";
import { acceptAll, acceptedAll, connectedGateway, itemsOf } from "./gateway.ts";

const grouped = { groupSize: 100, groupWaitMs: 20, maxInFlight: 500 };

describe("messages that come together", () => {
  test("go out in calls of up to 100, each with its own outcome", async () => {
    await using gateway = await connectedGateway(acceptAll, grouped);
    const messages = Array.from({ length: 250 }, () => outgoing());
    const outcomes = await Promise.all(messages.map((message) => gateway.channel.send(message)));
    expect(outcomes).toEqual(
      messages.map(({ providerMessageId }) => ({
        kind: "sent",
        ack: "sent",
        providerRef: `wablas-${providerMessageId}`,
      })),
    );
    const sizes = gateway.calls().map(({ body }) => itemsOf(body).length);
    expect(sizes.sort((a, b) => a - b)).toEqual([50, 100, 100]);
  });

  test.for([
    ["the reference, in another order", { ref: true, phone: true, reverse: true }],
    ["the reference alone", { ref: true, phone: false, reverse: true }],
    ["the phone, in another order", { ref: false, phone: true, reverse: true }],
    ["the position", { ref: false, phone: false, reverse: false }],
  ] as const)("are told apart by %s", async ([, by]) => {
    await using gateway = await connectedGateway(({ body }, response) => {
      const items = itemsOf(body);
      const answer = acceptedAll(items, (item) => ({
        phone: by.phone ? `+${item.phone}` : undefined,
        ref_id: by.ref ? item.ref_id : undefined,
        status: item.message,
      }));
      if (by.reverse) answer.data.messages.reverse();
      json(response, 200, answer);
    }, grouped);
    const words = ["pending", "reject", "read", "who knows"];
    const outcomes = await Promise.all(words.map((word) => gateway.channel.send(outgoing(word))));
    expect(outcomes).toMatchObject([
      { kind: "sent", ack: "sent" },
      { kind: "refused", failure: { code: "rejected" } },
      { kind: "sent", ack: "read" },
      { kind: "ambiguous" },
    ]);
    expect(gateway.calls()).toHaveLength(1);
  });

  test("of which the answer leaves one out: its outcome is unknown, not another's", async () => {
    await using gateway = await connectedGateway(({ body }, response) => {
      json(response, 200, acceptedAll(itemsOf(body).slice(1)));
    }, grouped);
    const outcomes = await Promise.all([1, 2, 3].map(() => gateway.channel.send(outgoing())));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ambiguous", "sent", "sent"]);
  });

  test("to the same phone go in different calls", async () => {
    await using gateway = await connectedGateway(acceptAll, grouped);
    const to = "6281234567890";
    const sends = ["one", "two", "three"].map((text) => gateway.channel.send(outgoing(text, { to })));
    for (const outcome of await Promise.all(sends)) expect(outcome).toMatchObject({ kind: "sent" });
    expect(gateway.calls().map(({ body }) => itemsOf(body).length)).toEqual([1, 1, 1]);
  });

  test("do not suffer for one that is wrong: a refused group is sent one by one", async () => {
    await using gateway = await connectedGateway(({ body }, response) => {
      const items = itemsOf(body);
      const wrong = items.some(({ message }) => message === "wrong");
      json(response, 200, wrong ? { status: false, message: "invalid phone number" } : acceptedAll(items));
    }, grouped);
    const texts = ["fine", "wrong", "fine too"];
    const outcomes = await Promise.all(texts.map((text) => gateway.channel.send(outgoing(text))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["sent", "refused", "sent"]);
    expect(gateway.calls().map(({ body }) => itemsOf(body).length)).toEqual([3, 1, 1, 1]);
  });

  test("are all refused when the device is, in one call", async () => {
    await using gateway = await connectedGateway((_, response) => {
      json(response, 200, { status: false, message: "token invalid" });
    }, grouped);
    const outcomes = await Promise.all([1, 2, 3].map(() => gateway.channel.send(outgoing())));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ failure: { code: "device_refused" } });
    expect(gateway.calls()).toHaveLength(1);
  });

  test("share an unknown outcome when the connection is cut", async () => {
    await using gateway = await connectedGateway((_, response) => void response.socket?.destroy(), grouped);
    const outcomes = await Promise.all([1, 2, 3].map(() => gateway.channel.send(outgoing())));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "ambiguous" });
  });

  test("go without one whose deadline passes while it waits for others", async () => {
    await using gateway = await connectedGateway(acceptAll, { ...grouped, groupWaitMs: 100 });
    const late = outgoing("late", { notAfterMs: performance.now() + 20 });
    const outcomes = await Promise.all([gateway.channel.send(late), gateway.channel.send(outgoing("fine"))]);
    expect(outcomes).toMatchObject([{ failure: { code: "not_started" } }, { kind: "sent" }]);
    expect(gateway.calls().flatMap(({ body }) => itemsOf(body).map(({ message }) => message))).toEqual([
      "fine",
    ]);
  });

  test("all end when the channel is closed while they wait for others", async () => {
    await using gateway = await connectedGateway(acceptAll, { ...grouped, groupWaitMs: 60_000 });
    const sends = [1, 2].map(() => gateway.channel.send(outgoing()));
    await gateway.channel.disconnect();
    for (const outcome of await Promise.all(sends)) expect(outcome).toMatchObject({ kind: "sent" });
  });
});
