import { expect, test, vi } from "vitest";
import { Fixture, link } from "../harness/fixture.ts";
import { openSandbox } from "../harness/sandbox.ts";

const fixture = Fixture.use();

test("a page that is not linked becomes ready and shows a QR of four parts", async () => {
  await using sandbox = await openSandbox();
  await using opened = await fixture.openUnlinked(sandbox);
  const { page } = opened;

  expect(await page.mode()).toBe("QR");
  expect(await page.isAuthenticated()).toBe(false);
  expect((await page.qr())?.split(",")).toHaveLength(4);
});

test("scanning the QR logs the page in, and it is told so", async () => {
  await using sandbox = await openSandbox();
  await using opened = await fixture.openUnlinked(sandbox);
  const { page } = opened;

  await link(sandbox, page, "34600123456");

  expect(await page.qr()).toBeNull();
  expect(await page.page.evaluate(() => String(WPP.conn.getMyUserId()))).toBe("34600123456@c.us");
  expect((await page.heard()).events).toEqual(expect.arrayContaining(["conn.authenticated", "mode:MAIN"]));
  expect(await sandbox.control.sessions()).toMatchObject([{ phone: "34600123456", online: true }]);
});

test("a QR that has rotated away is refused as gone, an invented one as unknown", async () => {
  await using sandbox = await openSandbox({ qrRotateMs: 400 });
  await using opened = await fixture.openUnlinked(sandbox);
  const { page } = opened;

  const first = await page.qr();
  await page.page.waitForFunction(
    async (old) => {
      const code = await WPP.conn.getAuthCode();
      return code !== null && code.fullCode !== old;
    },
    {},
    first,
  );
  const phone = "34600123456";

  expect(await sandbox.control.request("POST", "/scan", { code: first, phone })).toMatchObject({
    status: 410,
  });
  expect(await sandbox.control.request("POST", "/scan", { code: "2@no,a,b,c", phone })).toMatchObject({
    status: 404,
  });
  await link(sandbox, page, phone);
});

test("after some codes the QR goes away until the page asks for a new one", async () => {
  await using sandbox = await openSandbox({ qrRotateMs: 150 });
  await sandbox.control.faults({ qr_idle_after: 2 });
  await using opened = await fixture.openUnlinked(sandbox);
  const { page } = opened;

  await page.page.waitForFunction(() => WPP.conn.isIdle());
  expect(await page.qr()).toBeNull();
  await sandbox.control.faults({ qr_idle_after: null });
  await page.page.evaluate(() => WPP.conn.refreshQR());

  expect(await page.qr()).not.toBeNull();
});

test("a pairing code of 8 characters links the page to the phone that it was made for", async () => {
  await using sandbox = await openSandbox();
  await using opened = await fixture.openUnlinked(sandbox);
  const { page } = opened;

  const code = await page.page.evaluate(() => WPP.conn.startLinkDeviceCodeForPhoneNumber("34600123456"));
  expect(code).toMatch(/^[1-9A-Z]{8}$/);
  const other = await sandbox.control.request("POST", "/pair", { code, phone: "34600999999" });
  await sandbox.control.ok("POST", "/pair", { code, phone: "34600123456" });
  await page.waitForLogin();

  expect(other.status).toBe(404);
});

test("logging out in the page ends the session and leads back to a QR", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox } = opened;

  expect(await page.page.evaluate(() => WPP.conn.logout())).toBe(true);
  await page.page.waitForNavigation();
  await page.ready();

  expect(await page.mode()).toBe("QR");
  expect(await sandbox.control.sessions()).toEqual([]);
});

test("logging out on the phone throws the page out, and a reload does not bring it back", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  const loggedOut = page.page.waitForNavigation();

  await sandbox.control.ok("POST", `/accounts/${phone}/logout`);
  await loggedOut;
  await page.reload();

  expect(await page.isAuthenticated()).toBe(false);
  expect(await page.mode()).toBe("QR");
});

test("a ban for good throws the page out and the account cannot be linked again until it is lifted", async () => {
  await using opened = await fixture.openLinked();
  const { page, sandbox, phone } = opened;
  const loggedOut = page.page.waitForNavigation();

  await sandbox.control.ok("POST", `/accounts/${phone}/ban`, { kind: "permanent" });
  await loggedOut;
  await page.ready();
  const refused = await sandbox.control.request("POST", "/scan", { code: await page.qr(), phone });
  await sandbox.control.ok("POST", `/accounts/${phone}/unban`);
  await link(sandbox, page, phone);

  expect(refused.status).toBe(403);
});

test("of two pages with one session the older one gets the conflict and cannot send", async () => {
  await using opened = await fixture.openLinked();
  const { page: older, sandbox } = opened;
  const { openWaPage } = await import("../harness/wa-page.ts");
  const newer = await openWaPage(older.page.browserContext(), sandbox.url);
  await newer.waitForLogin();
  await older.waitForMode("CONFLICT");

  expect(await older.sendWithin(300, "34611111111", "from the older", "3EB0CONFLICT")).toBe("pending");
  expect((await newer.send("34611111111", "from the newer", "3EB0NEWER")).result).toBe("OK");
  expect((await sandbox.control.ledger()).entries.map(({ message_id }) => message_id)).toEqual(["3EB0NEWER"]);
  await older.page.evaluate(() => WPP.whatsapp.Socket.takeover());
  await newer.waitForMode("CONFLICT");
  await older.waitForLogin();
  await vi.waitFor(async () => expect((await sandbox.control.ledger()).total).toBe(2));
});
