import { afterEach, expect, test, vi } from "vitest";
import { Network } from "../../src/network/network.ts";
import { linkSession, NotingDevice, submit } from "../harness/noting-device.ts";

const networks: Network[] = [];

function openNetwork(): Network {
  const network = new Network({ qrRotateMs: 20_000, dataFile: null });
  networks.push(network);
  return network;
}

afterEach(() => {
  for (const network of networks.splice(0)) network.close();
});

const to = "34611111111@c.us";

test("the same id of one account arrives once, however often it is handed in", async () => {
  const network = openNetwork();
  const session = linkSession(network, "34600123456");
  const other = linkSession(network, "34600999999");
  const message = { messageId: "A", to, text: "hello" };

  for (const sender of [session, session, other]) {
    expect(await submit(network, sender, message)).toEqual({ result: "OK" });
  }

  expect(network.ledger.list({ after: 0, limit: 10 }).entries.map(({ copies }) => copies)).toEqual([2, 1]);
});

test("a fault befalls a message once: handed in again it passes", async () => {
  const network = openNetwork();
  const session = linkSession(network, "34600123456");
  network.faults.merge({ fail: [{ match: {}, result: "ERROR_NETWORK" }] });
  const message = { messageId: "A", to, text: "hello" };

  expect(await submit(network, session, message)).toEqual({ result: "ERROR_NETWORK", keeps: "failed" });
  expect(network.ledger.summary().arrivals).toBe(0);
  expect(await submit(network, session, message)).toEqual({ result: "OK" });
  expect(network.ledger.summary().arrivals).toBe(1);
});

test("receipts wait for the device until it has confirmed them", async () => {
  const network = openNetwork();
  const session = linkSession(network, "34600123456");
  network.faults.merge({ delivered_after_ms: 0, read_after_ms: 0 });
  await submit(network, session, { messageId: "A", to, text: "hello" });

  const first = new NotingDevice();
  network.connect(session, first);
  session.mailbox.open(first);
  const [delivered, read] = first.receipts;
  session.mailbox.confirm([delivered?.n ?? 0]);
  const second = new NotingDevice();
  network.connect(session, second);
  session.mailbox.open(second);

  expect(first.receipts.map(({ ack }) => ack)).toEqual([2, 3]);
  expect(first.notes).toEqual(["replaced"]);
  expect(second.receipts).toEqual([read]);
});

test("a device that was replaced does not take the newer one down when it goes", () => {
  const network = openNetwork();
  const session = linkSession(network, "34600123456");
  const older = new NotingDevice();
  const newer = new NotingDevice();
  network.connect(session, older);
  network.connect(session, newer);
  network.disconnect(session, older);

  expect(session.device).toBe(newer);
});

test("nothing happens after the network has closed", async () => {
  vi.useFakeTimers();
  try {
    const network = openNetwork();
    const session = linkSession(network, "34600123456");
    const device = new NotingDevice();
    network.connect(session, device);
    session.mailbox.open(device);
    await submit(network, session, { messageId: "A", to, text: "hello" });
    network.close();
    await vi.runAllTimersAsync();

    expect(device.receipts).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
