import { describe, expect, it } from "vitest";
import type { ConnectionState } from "../../src/channels/channel.ts";
import { connectionOf } from "../../src/channels/whatsapp-web/connection.ts";
import { ConnectionTracker } from "../../src/channels/whatsapp-web/connection-tracker.ts";
import type { PageSnapshot } from "../../src/channels/whatsapp-web/page/messages.ts";
import { recordingListener } from "./recording-listener.ts";

const main: PageSnapshot = {
  kind: "snapshot",
  mode: "MAIN",
  info: "NORMAL",
  authenticated: true,
  ready: true,
  qr: null,
  me: "34600000001",
};
const qrPage: PageSnapshot = {
  ...main,
  mode: "QR",
  info: "PAIRING",
  authenticated: false,
  qr: "code 1",
  me: null,
};

describe("a snapshot of the page means", () => {
  it.each<[string, Partial<PageSnapshot>, ConnectionState, string]>([
    ["nothing known yet", { mode: null }, "connecting", "connecting"],
    ["logged in", {}, "connecting", "connected"],
    ["logged in, wa-js not ready", { ready: false }, "connecting", "connecting"],
    ["mode MAIN alone", { authenticated: false }, "connecting", "connecting"],
    ["history being synced", { info: "SYNCING" }, "connected", "connected"],
    ["QR page", qrPage, "connecting", "qr"],
    ["QR page, code not there yet", { ...qrPage, qr: null }, "connecting", "connecting"],
    ["QR page, between two codes", { ...qrPage, qr: null }, "qr", "qr"],
    ["QR mode of a session that is loading", { mode: "QR" }, "connecting", "connecting"],
    ["syncing", { mode: "SYNCING" }, "qr", "connecting"],
    ["another page has the session", { mode: "CONFLICT" }, "connected", "disconnected conflict"],
    ["line not up yet", { mode: "OFFLINE" }, "connecting", "connecting"],
    ["line lost", { info: "OFFLINE" }, "connected", "disconnected offline"],
    ["line still lost", { mode: "OFFLINE" }, "disconnected", "disconnected offline"],
    ["terms of service", { mode: "TOS_BLOCK" }, "connected", "disconnected tos_block"],
    ["terms of service, business", { mode: "SMB_TOS_BLOCK" }, "connecting", "disconnected smb_tos_block"],
    ["proxy", { mode: "PROXYBLOCK" }, "connecting", "error proxyblock"],
    ["old version", { mode: "DEPRECATED_VERSION" }, "connecting", "error deprecated_version"],
  ])("%s", (_, change, before, expected) => {
    const { state, reason } = connectionOf({ ...main, ...change }, before);
    expect([state, reason].filter(Boolean).join(" ")).toBe(expected);
  });
});

describe("the tracker", () => {
  const track = (): { tracker: ConnectionTracker; heard: string[]; linked: () => number } => {
    const { listener, heard } = recordingListener();
    const tracker = new ConnectionTracker(listener);
    let links = 0;
    tracker.follow({ changed: () => undefined, linked: () => (links += 1) });
    tracker.set({ state: "connecting" });
    return { tracker, heard, linked: () => links };
  };

  it("tells each change and each code once, and notices a link", () => {
    const { tracker, heard, linked } = track();
    for (const snapshot of [qrPage, qrPage, { ...qrPage, qr: "code 2" }, main, main])
      tracker.handle(snapshot);
    const login = ["state connected", "identified 34600000001"];
    expect(heard).toEqual(["state connecting", "state qr", "qr", "qr", ...login]);
    expect(linked()).toBe(1);
  });

  it("does not take a session that was there for a new link", () => {
    const { tracker, linked } = track();
    tracker.handle(main);
    tracker.handle({ ...main, mode: "OFFLINE" });
    tracker.handle(main);
    expect(linked()).toBe(0);
  });

  it("tells of a logout even if the page did not", () => {
    const { tracker, heard } = track();
    tracker.handle(main);
    tracker.handle(qrPage);
    tracker.handle(main);
    expect(heard.slice(3)).toEqual([
      "state disconnected logged_out",
      "state qr",
      "qr",
      "state connected",
      "identified 34600000001",
    ]);
  });

  it("is banned until WhatsApp lets the line go", () => {
    const { tracker, heard } = track();
    tracker.handle(main);
    tracker.handle({ kind: "alarm", name: "account_temporarily_banned", detail: "[]" });
    tracker.handle({ ...main, info: "SYNCING" });
    expect(tracker.isBanned).toBe(true);
    expect(heard.slice(-2)).toEqual([
      "alert account_temporarily_banned",
      "state disconnected account_temporarily_banned",
    ]);
    tracker.handle(qrPage);
    expect(tracker.isBanned).toBe(false);
    tracker.handle(main);
    expect(tracker.state).toBe("connected");
  });

  it("raises the alarm once when WhatsApp refuses this client", () => {
    const { tracker, heard } = track();
    tracker.handle(main);
    tracker.handle({ ...main, mode: "TOS_BLOCK" });
    tracker.handle({ ...main, mode: "TOS_BLOCK", info: "OFFLINE" });
    expect(heard.slice(3)).toEqual(["state disconnected tos_block", "alert tos_block"]);
  });

  it("passes other alarms on and stays connected", () => {
    const { tracker, heard } = track();
    tracker.handle(main);
    tracker.handle({ kind: "alarm", name: "service_unavailable_503", detail: "[]" });
    expect(heard.at(-1)).toBe("alert service_unavailable_503");
    expect(tracker.state).toBe("connected");
  });
});
