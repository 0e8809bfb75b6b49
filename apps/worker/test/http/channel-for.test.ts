import { expect, test } from "vitest";
import { createOutboundGuard } from "@pregonero/outbound";
import { channelFor, type ChannelDependencies } from "../../src/channels/channel-for.ts";
import { WablasChannel } from "../../src/channels/wablas/wablas-channel.ts";
import { WhatsAppCloudChannel } from "../../src/channels/whatsapp-cloud/whatsapp-cloud-channel.ts";
import { WhatsAppWebChannel } from "../../src/channels/whatsapp-web/whatsapp-web-channel.ts";
import { json, recordingListener, silentLog, startProvider } from "./provider.ts";

const deps: ChannelDependencies = {
  fleet: { open: () => Promise.reject(new Error("not asked for a browser")) },
  whatsAppWebUrl: "https://web.whatsapp.com",
  cloudApiUrl: "https://graph.facebook.com",
  cloudApiVersion: "v24.0",
  maxInFlight: 500,
  wablasGroupSize: 1,
  wablasGroupWaitMs: 5,
  sendTimeoutMs: 1_000,
  outbound: createOutboundGuard({ allow: [] }),
  openFile: async () => null,
  maxMediaBytes: 1_000,
  readCredentials: async () => null,
  log: silentLog,
};

test("each kind of device has its way to send", () => {
  const { listener } = recordingListener();
  const made = (["whatsapp_web", "whatsapp_cloud", "wablas"] as const).map((kind) =>
    channelFor({ id: 1, kind, url: null }, deps)(listener),
  );
  expect(made[0]).toBeInstanceOf(WhatsAppWebChannel);
  expect(made[1]).toBeInstanceOf(WhatsAppCloudChannel);
  expect(made[2]).toBeInstanceOf(WablasChannel);
  expect(made.map(({ maxInFlight }) => maxInFlight)).toEqual([1, 500, 500]);
});

test("a device without credentials, or with those of another kind, says so", async () => {
  const { listener, heard } = recordingListener();
  const other = { host: "https://x.wablas.com", token: "a", secret_key: "b", webhook_secret: "c" };
  for (const readCredentials of [async () => null, async () => ({ kind: "wablas" as const, ...other })]) {
    const open = channelFor({ id: 1, kind: "whatsapp_cloud", url: null }, { ...deps, readCredentials });
    await expect(open(listener).connect(new AbortController().signal)).rejects.toThrow(/no credentials/);
  }
  expect(heard.at(-1)).toBe("state error no credentials are stored for this device");
});

test("a device's own address goes before the worker's", async () => {
  await using provider = await startProvider((_, response) => json(response, 200, { id: "1" }));
  const { listener } = recordingListener();
  const readCredentials = async () => ({
    kind: "whatsapp_cloud" as const,
    phone_number_id: "1",
    access_token: "a",
    app_secret: "b",
    verify_token: "c",
  });
  const open = channelFor(
    { id: 1, kind: "whatsapp_cloud", url: provider.url },
    {
      ...deps,
      outbound: createOutboundGuard({ allow: ["127.0.0.1"] }),
      readCredentials,
    },
  );
  const channel = open(listener);
  await channel.connect(new AbortController().signal);
  await channel.disconnect();
  expect(provider.arrived).toHaveLength(1);
});

test("an address that a user gave and that leads into our own network is not called", async () => {
  await using provider = await startProvider((_, response) => json(response, 200, { id: "1" }));
  const gateway = { kind: "wablas" as const, token: "a", secret_key: "b", webhook_secret: "c" };
  const cloud = {
    kind: "whatsapp_cloud" as const,
    phone_number_id: "1",
    access_token: "a",
    app_secret: "b",
    verify_token: "c",
  };
  const named = provider.url.replace("127.0.0.1", "gateway.example");
  // The name leads to a public address when it is checked and to this machine a moment later.
  const answers = [{ address: "93.184.215.14", family: 4 as const }];
  const rebinding = createOutboundGuard({
    allow: [],
    resolver: async () => [answers.shift() ?? { address: "127.0.0.1", family: 4 }],
  });
  await rebinding.resolve("gateway.example");
  for (const [device, credentials, outbound] of [
    [{ id: 1, kind: "wablas", url: null }, { ...gateway, host: provider.url }, deps.outbound],
    [{ id: 1, kind: "wablas", url: null }, { ...gateway, host: named }, rebinding],
    [{ id: 1, kind: "whatsapp_cloud", url: provider.url }, cloud, deps.outbound],
    [{ id: 1, kind: "whatsapp_web", url: provider.url }, null, deps.outbound],
  ] as const) {
    const { listener } = recordingListener();
    const open = channelFor(device, { ...deps, outbound, readCredentials: async () => credentials });
    await expect(open(listener).connect(new AbortController().signal)).rejects.toThrow(
      /private.network|private_address/,
    );
  }
  expect(provider.arrived).toHaveLength(0);
});
