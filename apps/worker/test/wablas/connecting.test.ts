import { expect, test } from "vitest";
import { json } from "../http/provider.ts";
import { acceptAll, connectedGateway, deviceInfo, wablas } from "./gateway.ts";

const signal = () => new AbortController().signal;

test("connecting asks the gateway for its phone and tells whose it is", async () => {
  await using gateway = await wablas(acceptAll);
  await gateway.channel.connect(signal());
  expect(gateway.heard).toEqual(["state connecting", "identified 6281234567890", "state connected"]);
  expect(gateway.provider.arrived).toMatchObject([{ method: "GET", url: "/api/device/info?token=tok-1234" }]);
});

test("a gateway whose phone is away is an error, so that it is asked again", async () => {
  await using gateway = await wablas(acceptAll);
  gateway.provider.answer = (_, response) => json(response, 200, deviceInfo("disconnected"));
  await expect(gateway.channel.connect(signal())).rejects.toThrow(/no connection to the phone/);
  expect(gateway.heard.at(-1)).toBe("state error the gateway has no connection to the phone");
  await gateway.channel.disconnect();
  gateway.provider.answer = (_, response) => json(response, 200, deviceInfo());
  await gateway.channel.connect(signal());
  expect(gateway.channel.state).toBe("connected");
});

test("refused credentials are told in words, without the token", async () => {
  await using gateway = await wablas(acceptAll);
  gateway.provider.answer = (_, response) =>
    json(response, 200, { status: false, message: "token tok-1234 is invalid" });
  await expect(gateway.channel.connect(signal())).rejects.toThrow(/credentials are refused/);
  expect(gateway.heard.join()).not.toContain("tok-1234");
});

test.for([
  [200, "<html>"],
  [200, "{}"],
  [200, '{"status":true}'],
  [500, ""],
] as const)("HTTP %s %j is not taken for a yes", async ([status, body]) => {
  await using gateway = await wablas(acceptAll);
  gateway.provider.answer = (_, response) => void response.writeHead(status).end(body);
  await expect(gateway.channel.connect(signal())).rejects.toThrow(`HTTP ${status}`);
  expect(gateway.channel.state).toBe("error");
});

test("a phone that the gateway loses in the middle of a campaign puts the channel in error", async () => {
  await using gateway = await connectedGateway((_, response) =>
    json(response, 200, { status: false, message: "device disconnected" }),
  );
  const content = { kind: "text", text: "halo" } as const;
  const message = { messageId: "1", providerMessageId: "2", to: "6281234567890", content };
  await gateway.channel.send({ ...message, notAfterMs: performance.now() + 5_000 });
  expect(gateway.heard.at(-1)).toMatch(/^state error the gateway has no connection/);
});

test("the gateway cannot be asked about messages and numbers, and has nothing to link or unlink here", async () => {
  await using gateway = await connectedGateway(acceptAll);
  expect(await gateway.channel.lookup(["a"])).toEqual(new Map([["a", "dont_know"]]));
  expect(await gateway.channel.checkNumber()).toBe("dont_know");
  await expect(gateway.channel.requestPairingCode()).rejects.toThrow();
  await expect(gateway.channel.logout()).rejects.toThrow();
});
