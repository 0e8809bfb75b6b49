import type { PendingMedia } from "@pregonero/db";
import { createLogger } from "@pregonero/runtime";
import { expect, test, vi } from "vitest";
import { MediaUnavailable, type IncomingFile } from "../../src/channels/channel.ts";
import { MediaFetcher } from "../../src/chat/media-fetcher.ts";

const log = createLogger({ service: "test", level: "error", file: null });
const file: IncomingFile = { contentType: "image/jpeg", bytes: Buffer.from("x") };

function fetcherOf(attempt: number, fetch: () => Promise<IncomingFile>) {
  const media: PendingMedia[] = [{ id: "m", tenantId: 1, ref: "r", attempt }];
  const stored: IncomingFile[] = [];
  const failures: (number | null)[] = [];
  const fetcher = new MediaFetcher({
    take: async (limit) => media.splice(0, limit),
    fetch,
    store: async (_media, given) => void stored.push(given),
    failed: async (_media, { retryMs }) => void failures.push(retryMs),
    log,
  });
  return { fetcher, stored, failures };
}

test("a file is fetched and stored once", async () => {
  const { fetcher, stored, failures } = fetcherOf(1, () => Promise.resolve(file));
  fetcher.look();
  fetcher.look();
  await vi.waitFor(() => expect(stored).toEqual([file]));
  await fetcher.close();
  expect(failures).toEqual([]);
});

test("what cannot be had now is tried again later, what is gone or was tried often enough is not", async () => {
  const cases = [
    { attempt: 1, error: new Error("no line"), again: true },
    { attempt: 1, error: new MediaUnavailable("gone"), again: false },
    { attempt: 12, error: new Error("no line"), again: false },
  ];
  for (const { attempt, error, again } of cases) {
    const { fetcher, failures } = fetcherOf(attempt, () => Promise.reject(error));
    fetcher.look();
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    expect(failures[0] !== null).toBe(again);
    await fetcher.close();
  }
});
