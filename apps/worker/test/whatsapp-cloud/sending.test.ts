import { describe, expect, test } from "vitest";
import type { SendFailureCode } from "../../src/channels/channel.ts";
import { halfAnAnswer, json, outgoing } from "../http/provider.ts";
import { accepted, connectedTo, credentials, errorOf, recipientOf } from "./cloud.ts";

describe("what Meta is sent", () => {
  test("a text, with our own id in it and the token in the header", async () => {
    await using meta = await connectedTo(({ body }, response) =>
      json(response, 200, accepted(recipientOf(body))),
    );
    const message = outgoing("¡Hola, Ñandú! 👋");
    expect(await meta.channel.send(message)).toEqual({
      kind: "sent",
      ack: "sent",
      providerRef: `wamid.${message.to}`,
    });
    const [request] = meta.sends();
    expect(request?.url).toBe("/v24.0/106540352242922/messages");
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${credentials.access_token}`,
      "content-type": "application/json",
    });
    expect(request?.body).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: message.to,
      type: "text",
      text: { preview_url: false, body: "¡Hola, Ñandú! 👋" },
      biz_opaque_callback_data: message.providerMessageId,
    });
  });

  test("a template with positional and named parameters, a header and a button", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, accepted("34600000001")));
    const components = [
      { type: "header", parameters: [{ type: "image", image: { link: "https://example.com/a.png" } }] },
      {
        type: "body",
        parameters: [
          { type: "text", text: "Ana" },
          { type: "text", text: "enero", parameter_name: "mes" },
        ],
      },
      { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "pedido/7" }] },
    ] as const;
    await meta.channel.send(outgoing({ kind: "template", name: "promo", language: "es", components }));
    expect(meta.sends()[0]?.body).toMatchObject({
      type: "template",
      template: { name: "promo", language: { code: "es" }, components },
    });
    await meta.channel.send(outgoing({ kind: "template", name: "hello", language: "en", components: [] }));
    expect(meta.sends()[1]?.body).toMatchObject({ template: { name: "hello", language: { code: "en" } } });
  });

  test("media by link, with nothing that its type does not have", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, accepted("34600000001")));
    const link = "https://example.com/file";
    for (const mediaType of ["image", "document", "video", "audio"] as const) {
      const content = { kind: "media", mediaType, link, caption: "Mira", filename: "lista.pdf" } as const;
      expect(await meta.channel.send(outgoing(content))).toMatchObject({ kind: "sent" });
    }
    expect(meta.sends().map(({ body }) => body)).toMatchObject([
      { type: "image", image: { link, caption: "Mira" } },
      { type: "document", document: { link, caption: "Mira", filename: "lista.pdf" } },
      { type: "video", video: { link, caption: "Mira" } },
      { type: "audio", audio: { link } },
    ]);
    expect(meta.sends()[3]?.body).toHaveProperty("audio", { link });
    expect(meta.sends()[0]?.body).toHaveProperty("image", { link, caption: "Mira" });
  });
});

describe("what Meta refuses", () => {
  const codes: Record<SendFailureCode, readonly number[]> = {
    device_refused: [0, 190, 10, 200, 299, 368, 131031, 131042, 133010],
    rate_limited: [4, 80007, 130429],
    recipient_rate_limited: [131056, 131049],
    provider_temporary: [131000, 131016, 131057, 2],
    spam_limited: [131048],
    rejected: [131026, 130472, 130497, 131051, 100, 131008, 131009, 33],
    invalid_recipient: [131021],
    needs_template: [131047],
    opted_out: [131050],
    template_rejected: [132000, 132001, 132005, 132007, 132012, 132015, 132016],
    not_on_whatsapp: [],
    not_started: [],
    device_disconnected: [],
    device_banned: [],
  };
  const cases = Object.entries(codes).flatMap(([verdict, all]) => all.map((code) => ({ verdict, code })));

  test.for(cases)(
    "code $code is refused as $verdict, whatever the HTTP status",
    async ({ code, verdict }) => {
      for (const status of [400, 500]) {
        await using meta = await connectedTo((_, response) => json(response, status, errorOf(code)));
        const outcome = await meta.channel.send(outgoing());
        expect(outcome).toMatchObject({
          kind: "refused",
          failure: { code: verdict, providerCode: String(code) },
        });
      }
    },
  );

  test("131049 says when to try again, and Retry-After goes before our own guess", async () => {
    await using meta = await connectedTo((_, response) => json(response, 400, errorOf(131049)));
    expect(await meta.channel.send(outgoing())).toMatchObject({ failure: { retryAfterMs: 86_400_000 } });
    meta.provider.answer = (_, response) => json(response, 429, errorOf(130429), { "retry-after": "7" });
    expect(await meta.channel.send(outgoing())).toMatchObject({
      failure: { code: "rate_limited", retryAfterMs: 7_000 },
    });
  });

  test("an error in the documented form is an error under any status, 200 too", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, errorOf(131026)));
    expect(await meta.channel.send(outgoing())).toMatchObject({ kind: "refused" });
  });

  test("an error with nothing but its code is one as well", async () => {
    await using meta = await connectedTo((_, response) => json(response, 400, { error: { code: 131047 } }));
    expect(await meta.channel.send(outgoing())).toMatchObject({ failure: { code: "needs_template" } });
  });

  test("an unknown code is judged by its HTTP status", async () => {
    await using meta = await connectedTo((_, response) => json(response, 400, errorOf(987_654)));
    expect(await meta.channel.send(outgoing())).toMatchObject({
      failure: { code: "rejected", providerCode: "987654" },
    });
    meta.provider.answer = (_, response) => json(response, 503, errorOf(987_654));
    expect(await meta.channel.send(outgoing())).toMatchObject({ failure: { code: "provider_temporary" } });
  });

  test("the reason holds no number of a person and no secret of the device, but Meta's trace id", async () => {
    const message = `Malformed access token ${credentials.access_token} for +34 600 123 678 (34600123678)`;
    await using meta = await connectedTo((_, response) => json(response, 400, errorOf(190, { message })));
    const outcome = await meta.channel.send(outgoing());
    const detail = outcome.kind === "refused" ? outcome.failure.detail : "";
    expect(detail).not.toContain(credentials.access_token);
    expect(detail).not.toMatch(/600.?123.?678/);
    expect(detail).toContain("code 190");
    expect(detail).toContain("Az8or2yhqkZfEZ");
    expect(meta.heard.join()).not.toContain(credentials.access_token);
  });
});

describe("what says nothing is never taken for yes or no", () => {
  test.for([
    [200, ""],
    [200, "OK"],
    [200, "{}"],
    [200, "null"],
    [200, '{"messages":[]}'],
    [200, '{"messages":[{"id":""}]}'],
    [200, '{"error":"yes"}'],
    [200, '{"messages":[{"id":"wamid.x"}'],
    [202, '{"messages":[{"id":"wamid.x"}]}'],
    [302, ""],
    [400, "<html>Bad Request</html>"],
    [429, ""],
    [500, ""],
    [500, '{"messages":[{"id":"wamid.x"}]}'],
    [502, "<html>Bad Gateway</html>"],
    [503, '{"error":{"message":"no code"}}'],
  ] as const)("HTTP %s with %j", async ([status, body]) => {
    await using meta = await connectedTo((_, response) => void response.writeHead(status).end(body));
    expect(await meta.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
  });

  test("half an answer, a cut after the request, and no answer in time", async () => {
    const timeouts = { connectMs: 500, answerMs: 150, closeMs: 500 };
    await using meta = await connectedTo((_, response) => halfAnAnswer(response, accepted("34600000001")), {
      timeouts,
    });
    expect(await meta.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
    meta.provider.answer = (_, response) => void response.socket?.destroy();
    expect(await meta.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
    meta.provider.answer = () => undefined;
    expect(await meta.channel.send(outgoing())).toMatchObject({ kind: "ambiguous" });
    expect(meta.sends()).toHaveLength(3);
  });
});

describe("what is never begun", () => {
  test("a send whose deadline has passed is not even tried", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, accepted("34600000001")));
    const late = outgoing("hola", { notAfterMs: performance.now() - 1 });
    expect(await meta.channel.send(late)).toMatchObject({ failure: { code: "not_started" } });
    expect(meta.sends()).toHaveLength(0);
  });

  test("a send whose deadline passes in the queue for a connection is given back", async () => {
    await using meta = await connectedTo(
      ({ body }, response) => void setTimeout(() => json(response, 200, accepted(recipientOf(body))), 200),
      { maxInFlight: 1 },
    );
    const first = meta.channel.send(outgoing());
    const late = outgoing("hola", { notAfterMs: performance.now() + 50 });
    expect(await meta.channel.send(late)).toMatchObject({ failure: { code: "not_started" } });
    expect(await first).toMatchObject({ kind: "sent" });
    expect(meta.sends().map(({ body }) => recipientOf(body))).not.toContain(late.to);
  });

  test("a number that is none never reaches Meta", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, accepted("34600000001")));
    for (const to of ["+34600123678", "0034600123678", "600", "ana", ""]) {
      expect(await meta.channel.send(outgoing("hola", { to }))).toMatchObject({
        failure: { code: "invalid_recipient" },
      });
    }
    expect(meta.sends()).toHaveLength(0);
  });

  test("a provider that is away proves that nothing was sent, and soon puts the channel in error", async () => {
    await using meta = await connectedTo((_, response) => json(response, 200, accepted("34600000001")));
    await meta.provider.close();
    for (let n = 0; n < 3; n++) {
      expect(await meta.channel.send(outgoing())).toMatchObject({
        kind: "refused",
        failure: { code: "device_disconnected" },
      });
    }
    expect(meta.heard.at(-1)).toBe("state error the provider cannot be reached: ECONNREFUSED");
    expect(await meta.channel.send(outgoing())).toMatchObject({ failure: { code: "device_disconnected" } });
  });
});

test("500 sends are under way at once, each with its own answer", async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  await using meta = await connectedTo(
    ({ body }, response) => {
      const to = recipientOf(body);
      waiting.push(() => json(response, 200, accepted(to)));
      most = Math.max(most, waiting.length);
      // Answers only once all of them are here.
      if (waiting.length === 500) for (const answer of waiting.splice(0)) answer();
    },
    { maxInFlight: 500, timeouts: { connectMs: 10_000, answerMs: 20_000, closeMs: 500 } },
  );
  expect(meta.channel.maxInFlight).toBe(500);
  for (let round = 0; round < 2; round++) {
    const messages = Array.from({ length: 500 }, () => outgoing());
    const outcomes = await Promise.all(messages.map((message) => meta.channel.send(message)));
    expect(outcomes).toEqual(
      messages.map(({ to }) => ({ kind: "sent", ack: "sent", providerRef: `wamid.${to}` })),
    );
  }
  expect(most).toBe(500);
  // Kept alive: the second round used the connections of the first.
  expect(meta.provider.connections()).toBeLessThanOrEqual(510);
});
