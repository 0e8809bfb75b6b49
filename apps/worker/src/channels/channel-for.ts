import type { DeviceCredentials } from "@pregonero/contracts";
import type { LeasedDevice } from "@pregonero/db";
import type { OutboundGuard } from "@pregonero/outbound";
import type { Logger } from "@pregonero/runtime";
import type { Channel, ChannelListener, OpenFile } from "./channel.ts";
import { WablasChannel } from "./wablas/wablas-channel.ts";
import { WhatsAppCloudChannel } from "./whatsapp-cloud/whatsapp-cloud-channel.ts";
import { WhatsAppWebChannel, type WhatsAppWebOptions } from "./whatsapp-web/whatsapp-web-channel.ts";

/** What channels are made of, by the settings of the worker. */
export interface ChannelDependencies {
  readonly fleet: WhatsAppWebOptions["fleet"];
  /** `PUPPETEER_WHATSAPP_URL`; a device's own `url` goes before it. */
  readonly whatsAppWebUrl: string;
  /** `CLOUD_API_URL`; a device's own `url` goes before it. */
  readonly cloudApiUrl: string;
  /** `CLOUD_API_VERSION` */
  readonly cloudApiVersion: string;
  /** Sends under way at once of a device with an HTTP channel: `BATCH_SIZE * MAX_CONCURRENT_BATCHES`. */
  readonly maxInFlight: number;
  /** Messages in a call of Wablas, 1 to 100. */
  readonly wablasGroupSize: number;
  readonly wablasGroupWaitMs: number;
  /** A send without an answer by then has an unknown outcome, ms. */
  readonly sendTimeoutMs: number;
  /** Addresses that users give (a device's `url`, the host of a gateway) must pass it. */
  readonly outbound: OutboundGuard;
  readonly openFile: OpenFile;
  /** Larger files of messages that come in are left where they are. */
  readonly maxMediaBytes: number;
  /** Null when nothing is stored. */
  readonly readCredentials: (deviceId: number) => Promise<DeviceCredentials | null>;
  readonly log: Logger;
}

/** The way to send of a device, by its kind. Nothing is opened before `connect`. */
export function channelFor(
  device: Pick<LeasedDevice, "id" | "kind" | "url">,
  deps: ChannelDependencies,
): (listener: ChannelListener) => Channel {
  const log = deps.log.child({ deviceId: device.id, channel: device.kind });
  const files = { openFile: deps.openFile, maxMediaBytes: deps.maxMediaBytes };
  const http = {
    ...files,
    maxInFlight: deps.maxInFlight,
    timeouts: { answerMs: deps.sendTimeoutMs },
    log,
  };
  const guard = device.url === null ? undefined : deps.outbound;
  const credentialsOf = async <Kind extends DeviceCredentials["kind"]>(kind: Kind) => {
    const credentials = await deps.readCredentials(device.id);
    if (!isOf(kind, credentials)) throw new Error("no credentials are stored for this device");
    return credentials;
  };
  switch (device.kind) {
    case "whatsapp_web":
      return (listener) =>
        new WhatsAppWebChannel({
          ...files,
          fleet: deps.fleet,
          deviceId: device.id,
          url: device.url ?? deps.whatsAppWebUrl,
          admit: device.url === null ? undefined : admission(device.url, deps.outbound),
          listener,
          timeouts: { sendMs: deps.sendTimeoutMs },
          log: deps.log,
        });
    case "whatsapp_cloud":
      return (listener) =>
        new WhatsAppCloudChannel({
          ...http,
          url: device.url ?? deps.cloudApiUrl,
          version: deps.cloudApiVersion,
          readCredentials: () => credentialsOf("whatsapp_cloud"),
          guard,
          listener,
        });
    case "wablas":
      return (listener) =>
        new WablasChannel({
          ...http,
          groupSize: deps.wablasGroupSize,
          groupWaitMs: deps.wablasGroupWaitMs,
          readCredentials: () => credentialsOf("wablas"),
          guard: deps.outbound,
          mediaGuard: deps.outbound,
          listener,
        });
  }
}

/** A browser resolves names by itself: all that can be done is to ask right before it does. */
function admission(url: string, outbound: OutboundGuard): () => Promise<void> {
  return async () => {
    outbound.checkUrl(url);
    await outbound.resolve(new URL(url).hostname);
  };
}

function isOf<Kind extends DeviceCredentials["kind"]>(
  kind: Kind,
  credentials: DeviceCredentials | null,
): credentials is Extract<DeviceCredentials, { kind: Kind }> {
  return credentials?.kind === kind;
}
