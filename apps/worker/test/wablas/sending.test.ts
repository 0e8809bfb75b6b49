import { describe, expect, test } from "vitest";
import { halfAnAnswer, json, outgoing } from "../http/provider.ts";
import { acceptAll, acceptedAll, connectedGateway, itemsOf } from "./gateway.ts";

describe("one message", () => {
  test("goes out in the documented form, and pending means accepted", async () => {
    await using gateway = await connectedGateway(acceptAll);
    const message = outgoing("Halo, Señor 👋");
    expect(await gateway.channel.send(message)).toEqual({
      kind: "sent",
      ack: "sent",
      providerRef: `wablas-${message.providerMessageId}`,
    });
    const [call] = gateway.calls();
    expect(call?.url).toBe("/api/v2/send-message");
    expect(call?.headers).toMatchObject({
      authorization: "tok-1234.sec-5678",
      "content-type": "application/json",
    });
    expect(call?.body).toEqual({
      data: [
        {
          phone: message.to,
          message: "Halo, Señor 👋",
          isGroup: "false",
          ref_id: message.providerMessageId,
        },
      ],
    });
  });

  test.for([
    ["sent", { kind: "sent", ack: "sent" }],
    ["delivered", { kind: "sent", ack: "delivered" }],
    ["received", { kind: "sent", ack: "delivered" }],
    ["read", { kind: "sent", ack: "read" }],
    ["cancel", { kind: "refused", failure: { code: "rejected" } }],
    ["reject", { kind: "refused", failure: { code: "rejected" } }],
    ["who knows", { kind: "ambiguous" }],
  ] as const)('of which the answer says "%s"', async ([status, outcome]) => {
    await using gateway = await connectedGateway(({ body }, response) =>
      json(
        response,
        200,
        acceptedAll(itemsOf(body), () => ({ status })),
      ),
    );
    expect(await gateway.channel.send(outgoing())).toMatchObject(outcome);
  });

  test("is taken for its own even if the gateway writes its phone in another way", async () => {
    await using gateway = await connectedGateway(({ body }, response) =>
      json(
        response,
        200,
        acceptedAll(itemsOf(body), () => ({ phone: "0812-3456" })),
      ),
    );
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "sent" });
  });

  test("of more than 1,024 characters never leaves, of 1,024 it does, emojis counted once", async () => {
    await using gateway = await connectedGateway(acceptAll);
    expect(await gateway.channel.send(outgoing("x".repeat(1_025)))).toMatchObject({
      failure: { code: "rejected" },
    });
    expect(gateway.calls()).toHaveLength(0);
    expect(await gateway.channel.send(outgoing("👋".repeat(1_024)))).toMatchObject({ kind: "sent" });
  });

  test("that is no text never leaves", async () => {
    await using gateway = await connectedGateway(acceptAll);
    const template = { kind: "template", name: "promo", language: "es", components: [] } as const;
    const media = { kind: "media", mediaType: "image", link: "https://example.com/a.png" } as const;
    for (const content of [template, media]) {
      expect(await gateway.channel.send(outgoing(content))).toMatchObject({ failure: { code: "rejected" } });
    }
    expect(gateway.calls()).toHaveLength(0);
  });

  test("whose deadline has passed never leaves", async () => {
    await using gateway = await connectedGateway(acceptAll);
    const late = outgoing("halo", { notAfterMs: performance.now() - 1 });
    expect(await gateway.channel.send(late)).toMatchObject({ failure: { code: "not_started" } });
    expect(gateway.calls()).toHaveLength(0);
  });
});

describe("a failure is what the body says, not the HTTP status", () => {
  test.for([
    [200, "token invalid", "device_refused"],
    [200, "device disconnected", "device_disconnected"],
    [500, "your quota is over", "device_refused"],
    [200, "invalid phone number", "invalid_recipient"],
    [200, "too many requests", "rate_limited"],
    [400, "gagal", "rejected"],
    [200, "gagal", "rejected"],
    [503, "gagal", "provider_temporary"],
  ] as const)('HTTP %s "%s" is %s', async ([status, message, code]) => {
    await using gateway = await connectedGateway((_, response) =>
      json(response, status, { status: false, message }),
    );
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "refused", failure: { code } });
  });

  test("its reason holds no number and no secret", async () => {
    const message = "token tok-1234 sec-5678 may not write to 6281234567890";
    await using gateway = await connectedGateway((_, response) =>
      json(response, 200, { status: false, message }),
    );
    const outcome = await gateway.channel.send(outgoing());
    const detail = outcome.kind === "refused" ? outcome.failure.detail : "";
    expect(detail).toContain("***");
    expect(detail).not.toMatch(/tok-1234|sec-5678|6281234567890/);
  });

  test("a device that the gateway refuses is in error at once, told once", async () => {
    await using gateway = await connectedGateway((_, response) =>
      json(response, 200, { status: false, message: "token invalid" }),
    );
    await Promise.all([gateway.channel.send(outgoing()), gateway.channel.send(outgoing())]);
    expect(gateway.heard.filter((line) => line.startsWith("alert"))).toHaveLength(1);
    expect(gateway.heard.filter((line) => line.startsWith("state error"))).toHaveLength(1);
    expect(await gateway.channel.send(outgoing())).toMatchObject({
      failure: { code: "device_disconnected" },
    });
  });

  test.for([
    [200, ""],
    [200, "null"],
    [200, "{}"],
    [200, '{"status":"true"}'],
    [200, '{"status":true}'],
    [200, '{"status":true,"data":{"messages":[]}}'],
    [500, '{"status":true,"data":{"messages":[{"id":"x","status":"pending"}]}}'],
    [502, "<html>Bad Gateway</html>"],
    [401, "Unauthorized"],
  ] as const)("HTTP %s %j says nothing", async ([status, body]) => {
    await using gateway = await connectedGateway((_, response) => void response.writeHead(status).end(body));
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
  });

  test("half an answer, a cut connection and silence say nothing", async () => {
    await using gateway = await connectedGateway((_, response) => halfAnAnswer(response, acceptedAll([])), {
      timeouts: { connectMs: 500, answerMs: 150, closeMs: 500 },
    });
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
    gateway.provider.answer = (_, response) => void response.socket?.destroy();
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
    gateway.provider.answer = () => undefined;
    expect(await gateway.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
  });

  test("a gateway that is away proves that nothing was sent", async () => {
    await using gateway = await connectedGateway(acceptAll);
    await gateway.provider.close();
    expect(await gateway.channel.send(outgoing())).toMatchObject({
      kind: "refused",
      failure: { code: "device_disconnected" },
    });
  });
});
