import type { InboundMessage } from "@pregonero/chat";
import { createLogger } from "@pregonero/runtime";
import { expect, test, vi } from "vitest";
import { DeviceInbox } from "../../src/chat/device-inbox.ts";

const log = createLogger({ service: "test", level: "error", file: null });
const message = (id: string): InboundMessage => ({
  providerMessageId: id,
  phone: "34600000000",
  type: "text",
  text: id,
  at: new Date(),
});

test("messages are stored in order, and again until the database takes them", async () => {
  const stored: string[] = [];
  let away = 3;
  const inbox = new DeviceInbox({
    receive: async ([one]) => {
      if (one && one.providerMessageId === "2" && away > 0) {
        away -= 1;
        throw new Error("the database is away");
      }
      stored.push(one?.providerMessageId ?? "");
    },
    log,
  });
  for (const id of ["1", "2", "3"]) inbox.take(message(id));
  await vi.waitFor(() => expect(stored).toEqual(["1", "2", "3"]), { timeout: 5_000 });
  inbox.take(message("4"));
  await vi.waitFor(() => expect(stored).toHaveLength(4));
  await inbox.close(100);
});

test("closing waits for what can be stored, and not for ever", async () => {
  const inbox = new DeviceInbox({ receive: () => Promise.reject(new Error("away")), log });
  inbox.take(message("1"));
  const beganAtMs = performance.now();
  await inbox.close(200);
  expect(performance.now() - beganAtMs).toBeLessThan(2_000);
});
