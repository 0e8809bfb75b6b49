import { describe, expect, test } from "vitest";
import { json, outgoing } from "../http/provider.ts";
import { accepted, connectedTo, credentials, errorOf, knownNumber, meta, recipientOf } from "./cloud.ts";

const signal = () => new AbortController().signal;

describe("connecting", () => {
  test("asks Meta for the number and tells whose it is", async () => {
    await using device = await meta(() => undefined);
    await device.channel.connect(signal());
    expect(device.heard).toEqual(["state connecting", "identified 34600123678", "state connected"]);
    expect(device.provider.arrived).toMatchObject([
      {
        method: "GET",
        url: "/v24.0/106540352242922?fields=verified_name,display_phone_number,quality_rating",
        headers: { authorization: `Bearer ${credentials.access_token}` },
      },
    ]);
  });

  test("says why it cannot: refused credentials, in words and without the token", async () => {
    await using device = await meta(() => undefined);
    device.provider.answer = (_, response) =>
      json(response, 401, errorOf(190, { message: `Bad token ${credentials.access_token}` }));
    await expect(device.channel.connect(signal())).rejects.toThrow(/access token is not valid/);
    expect(device.channel.state).toBe("error");
    expect(device.heard.at(-1)).toMatch(/^state error the access token is not valid.*code 190/);
    expect(device.heard.join()).not.toContain(credentials.access_token);
  });

  test.for([
    [200, "<html>"],
    [200, "[]"],
    [500, ""],
    [404, "not found"],
  ] as const)("does not take HTTP %s %j for a yes", async ([status, body]) => {
    await using device = await meta(() => undefined);
    device.provider.answer = (_, response) => void response.writeHead(status).end(body);
    await expect(device.channel.connect(signal())).rejects.toThrow(`HTTP ${status}`);
    expect(device.channel.state).toBe("error");
  });

  test("says so when Meta is out of reach, and connects when it is back", async () => {
    await using device = await meta(({ body }, response) => json(response, 200, accepted(recipientOf(body))));
    const { answer } = device.provider;
    device.provider.answer = (_, response) => void response.socket?.destroy();
    await expect(device.channel.connect(signal())).rejects.toThrow(/could not be asked/);
    await device.channel.disconnect();
    // Whoever connects again right away must not hide the reason meanwhile.
    expect(device.channel.state).toBe("error");
    device.provider.answer = answer;
    await device.channel.connect(signal());
    expect(await device.channel.send(outgoing())).toMatchObject({ kind: "sent" });
  });

  test("says so when the device has no credentials", async () => {
    await using device = await meta(() => undefined, {
      readCredentials: () => Promise.reject(new Error("no credentials are stored for this device")),
    });
    await expect(device.channel.connect(signal())).rejects.toThrow(/no credentials/);
    expect(device.heard.at(-1)).toBe("state error no credentials are stored for this device");
    expect(device.provider.arrived).toHaveLength(0);
  });

  test("takes up new credentials when it connects again", async () => {
    let token = "first";
    await using device = await meta(() => undefined, {
      readCredentials: async () => ({ ...credentials, access_token: token }),
    });
    await device.channel.connect(signal());
    await device.channel.disconnect();
    token = "second";
    await device.channel.connect(signal());
    expect(device.provider.arrived.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer first",
      "Bearer second",
    ]);
  });

  test("can be broken off", async () => {
    await using device = await meta(() => undefined);
    const abort = new AbortController();
    device.provider.answer = () => abort.abort();
    await expect(device.channel.connect(abort.signal)).rejects.toThrow();
    expect(device.heard.at(-1)).toBe("state disconnected");
  });

  test("warns of a number that Meta rates RED", async () => {
    await using device = await meta(() => undefined);
    device.provider.answer = (_, response) => json(response, 200, { ...knownNumber, quality_rating: "RED" });
    await device.channel.connect(signal());
    expect(device.heard).toContain("alert quality_rating Meta rates the number RED");
    expect(device.channel.state).toBe("connected");
  });
});

describe("what Meta says of the device in the middle of a campaign", () => {
  test("a refused device is in error at once, told once, and sends no more", async () => {
    await using device = await connectedTo((_, response) => json(response, 403, errorOf(131042)));
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => device.channel.send(outgoing())));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ failure: { code: "device_refused" } });
    expect(device.heard.filter((line) => line.startsWith("alert 131042"))).toHaveLength(1);
    expect(device.heard.filter((line) => line.startsWith("state error"))).toHaveLength(1);
    const before = device.sends().length;
    expect(await device.channel.send(outgoing())).toMatchObject({ failure: { code: "device_disconnected" } });
    expect(device.sends()).toHaveLength(before);
  });

  test("a spam limit is told once; to stop the number is its holder's business", async () => {
    await using device = await connectedTo((_, response) => json(response, 400, errorOf(131048)));
    for (let n = 0; n < 3; n++) await device.channel.send(outgoing());
    expect(device.heard.filter((line) => line.startsWith("alert 131048"))).toHaveLength(1);
    expect(device.channel.state).toBe("connected");
  });

  test("what concerns one recipient leaves the device alone", async () => {
    await using device = await connectedTo((_, response) => json(response, 400, errorOf(131026)));
    await device.channel.send(outgoing());
    expect(device.channel.state).toBe("connected");
    expect(device.heard.join()).not.toContain("alert");
  });
});

describe("disconnecting", () => {
  test("waits for answers under way and refuses new sends", async () => {
    let answer: () => void = () => undefined;
    await using device = await connectedTo(({ body }, response) => {
      answer = () => json(response, 200, accepted(recipientOf(body)));
    });
    const underWay = device.channel.send(outgoing());
    await expect.poll(() => device.sends().length).toBe(1);
    const disconnected = device.channel.disconnect();
    expect(await device.channel.send(outgoing())).toMatchObject({ failure: { code: "device_disconnected" } });
    answer();
    expect(await underWay).toMatchObject({ kind: "sent" });
    await disconnected;
    expect(device.heard.at(-1)).toBe("state disconnected");
    await device.channel.disconnect();
  });

  test("cuts what gets no answer, whose outcome is then unknown", async () => {
    await using device = await connectedTo(() => undefined, {
      timeouts: { connectMs: 500, answerMs: 60_000, closeMs: 100 },
    });
    const underWay = device.channel.send(outgoing());
    await expect.poll(() => device.sends().length).toBe(1);
    await device.channel.disconnect();
    expect(await underWay).toMatchObject({ kind: "ambiguous" });
  });
});

test("Meta cannot be asked about messages and numbers, and has nothing to link or unlink", async () => {
  await using device = await connectedTo(() => undefined);
  const { channel } = device;
  expect(await channel.lookup(["a", "b"])).toEqual(
    new Map([
      ["a", "dont_know"],
      ["b", "dont_know"],
    ]),
  );
  expect(await channel.checkNumber()).toBe("dont_know");
  await expect(channel.requestPairingCode()).rejects.toThrow();
  await expect(channel.logout()).rejects.toThrow();
});
