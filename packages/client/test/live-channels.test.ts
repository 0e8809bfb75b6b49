import { busChannel, type CrmEvent } from "@pregonero/contracts";
import { connectRedis, EventBus } from "@pregonero/queue";
import { inject, afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { PregoneroClient, type DeviceState, type JobState } from "../src/index.ts";
import { LiveChannels } from "../src/realtime/channels/live-channels.ts";
import { openApi, type RunningApi } from "./support/api.ts";
import { Network } from "./support/network.ts";

let api: RunningApi;
let bus: EventBus;
let network: Network;
let live: LiveChannels | undefined;

beforeAll(async () => {
  api = await openApi();
  bus = new EventBus({ url: inject("redisUrl"), prefix: api.redisPrefix, name: "live-test" });
  network = await Network.open(api.baseUrl);
});
afterEach(() => live?.close());
afterAll(async () => {
  await network.close();
  await bus.close();
  await api.close();
});

function open(socket: typeof WebSocket | null = WebSocket): LiveChannels {
  const rest = new PregoneroClient({ baseUrl: network.url, token: api.key });
  live = new LiveChannels({
    url: `${network.url.replace("http", "ws")}/ws`,
    token: api.key,
    WebSocket: socket ?? undefined,
    // Attempts a little closer together, and silence noticed sooner, than in life.
    random: () => 1,
    silence: { pingMs: 200, silenceMs: 800 },
    pollMs: 100,
    readChannel: (channel, after, signal) => rest.channels.read(channel, after, { signal }),
  });
  live.connect();
  return live;
}

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Events about the messages `from` to `to - 1`, published in this order. */
async function happen(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 100) {
    const numbers = Array.from({ length: Math.min(100, to - start) }, (_, index) => start + index);
    const taken = await Promise.all(
      numbers.map((n) => {
        const data = { message_id: idOf(n), conversation_id: idOf(0), status: "sent" as const };
        const event: CrmEvent = { type: "message_status_updated", data };
        return bus.append(busChannel.crm(api.tenantId), { type: "crm", tenantId: api.tenantId, event });
      }),
    );
    expect(taken.every(Boolean)).toBe(true);
  }
}

/** Listens to the CRM. `ids` has the events in the order of arrival. */
function listen(on: LiveChannels, after?: string) {
  const heard = { ids: [] as string[], numbers: [] as number[], snapshots: [] as string[], position: "" };
  const end = on.subscribe(
    "crm",
    {
      snapshot: ({ reason }) => void heard.snapshots.push(reason),
      events(events, { first, position }) {
        events.forEach((event, index) => {
          if (event.type === "message_status_updated") heard.ids.push(event.data.message_id);
          heard.numbers.push(first + index);
        });
        heard.position = position;
      },
    },
    after === undefined ? {} : { after },
  );
  return Object.assign(heard, { end });
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => idOf(from + index));

test("an API killed and restarted, a network cut and one that goes silent, another instance: 10,000 events, each once and in order", async () => {
  const heard = listen(open());
  await expect.poll(() => heard.snapshots).toEqual(["first"]);
  const reached = (count: number) => expect.poll(() => heard.ids.length, { timeout: 20_000 }).toBe(count);
  await happen(0, 500);
  await reached(500);

  await Promise.all([api.kill(), happen(500, 2_500)]);
  await api.start();
  await reached(2_500);

  const other = await api.another();
  network.cut();
  await happen(2_500, 5_500);
  network.restore(other.baseUrl);
  await happen(5_500, 6_000);
  await reached(6_000);

  network.silence();
  await happen(6_000, 9_000);
  await expect.poll(() => live?.state, { timeout: 5_000 }).not.toBe("connected");
  network.restore(api.baseUrl);
  await happen(9_000, 10_000);
  await reached(10_000);

  expect(heard.ids).toEqual(ids(0, 10_000));
  const firstNumber = heard.numbers[0] ?? 0;
  expect(heard.numbers).toEqual(heard.ids.map((_, index) => firstNumber + index));
  expect(heard.snapshots).toEqual(["first"]);
  await other.close();
}, 60_000);

describe("a stream", () => {
  test("goes on from a position that another client has kept", async () => {
    const first = listen(open());
    await expect.poll(() => first.snapshots).toEqual(["first"]);
    await happen(0, 10);
    await expect.poll(() => first.ids.length).toBe(10);
    live?.close();
    await happen(10, 700);
    const second = listen(open(), first.position);
    await expect.poll(() => second.ids.length).toBe(690);
    expect(second.ids).toEqual(ids(10, 700));
    expect(second.snapshots).toEqual([]);
  });

  test("asks for a snapshot when its history is gone, and holds events back until that is read", async () => {
    let read: () => void = () => undefined;
    const story: string[] = [];
    const on = open();
    on.subscribe("crm", {
      async snapshot({ reason, path }) {
        story.push(`${reason} ${path}`);
        if (reason !== "first") await new Promise<void>((resolve) => (read = resolve));
        story.push("read");
      },
      events: (events) => void story.push(`${events.length} events`),
    });
    await expect.poll(() => story).toEqual(["first /api/v1/conversations", "read"]);
    const redis = connectRedis(inject("redisUrl"), { name: "live-test" });
    await redis.del(await redis.keys(`${api.redisPrefix}:{stream:crm*`));
    redis.disconnect();
    await happen(0, 1);
    await expect.poll(() => story.slice(2)).toEqual(["events_lost /api/v1/conversations"]);
    await happen(1, 2);
    await expect.poll(() => on.position("crm")).toMatch(/-2$/);
    expect(story).toHaveLength(3);
    read();
    await expect.poll(() => story.slice(3)).toEqual(["read", "1 events"]);
  });

  test("a snapshot that cannot be read is asked for again", async () => {
    let calls = 0;
    open().subscribe("crm", {
      snapshot() {
        calls += 1;
        if (calls === 1) throw new Error("no luck");
      },
      events: () => undefined,
    });
    await expect.poll(() => calls, { timeout: 5_000 }).toBe(2);
  });

  test("a channel that there is not is refused", async () => {
    const refusals: string[] = [];
    open().subscribe(`job:${idOf(1)}:messages`, {
      events: () => undefined,
      refused: (_, code) => void refusals.push(code),
    });
    await expect.poll(() => refusals).toEqual(["unknown_channel"]);
  });
});

describe.each([
  ["over a WebSocket", WebSocket],
  ["by polling, where there is none", null],
])("%s", (_, socket) => {
  test("states come as they are, whole, and events each once", async () => {
    const rest = new PregoneroClient({ baseUrl: api.baseUrl, token: api.key });
    const { id: deviceId } = await rest.devices.create({ name: `ventas ${String(socket !== null)}` });
    const on = open(socket);
    const heard = listen(on);
    let devices: readonly DeviceState[] = [];
    let jobs: readonly JobState[] = [];
    let job: JobState | undefined;
    on.subscribe("devices", { state: (state) => void ({ devices } = state) });
    on.subscribe("jobs", { state: (state) => void ({ jobs } = state) });
    await expect.poll(() => heard.snapshots).toEqual(["first"]);
    expect(on.polling).toBe(socket === null);
    await happen(0, 250);
    await expect.poll(() => heard.ids).toEqual(ids(0, 250));

    const { job: made } = await rest.bulk.send({ message: "Hola", phones: ["+34600000001", "+34600000002"] });
    on.subscribe(`job:${made.id}`, { state: (state) => void (job = state) });
    await expect.poll(() => job).toMatchObject({ job_id: made.id, progress: { total: 2, sent: 0 } });
    await expect.poll(() => jobs.map(({ job_id }) => job_id)).toContain(made.id);
    await expect.poll(() => devices.map(({ device_id }) => device_id)).toContain(deviceId);
    await rest.jobs.pause(made.id);
    await expect.poll(() => job?.status).toBe("paused");
    await rest.jobs.cancel(made.id);
  });
});

test("a WebSocket that a proxy swallows is made up for by polling, until it comes about", async () => {
  const swallowing = await Network.open(api.baseUrl);
  swallowing.silence();
  const rest = new PregoneroClient({ baseUrl: api.baseUrl, token: api.key });
  live = new LiveChannels({
    url: `${swallowing.url.replace("http", "ws")}/ws`,
    token: api.key,
    WebSocket,
    pollMs: 100,
    attemptMs: 500,
    random: () => 1,
    readChannel: (channel, after, signal) => rest.channels.read(channel, after, { signal }),
  });
  live.connect();
  const heard = listen(live);
  try {
    await expect.poll(() => heard.snapshots, { timeout: 10_000 }).toEqual(["first"]);
    await happen(0, 50);
    await expect.poll(() => heard.ids.length).toBe(50);
    expect(live.polling).toBe(true);
    swallowing.restore();
    await expect.poll(() => live?.state, { timeout: 15_000 }).toBe("connected");
    await happen(50, 100);
    await expect.poll(() => heard.ids).toEqual(ids(0, 100));
  } finally {
    await swallowing.close();
  }
});
