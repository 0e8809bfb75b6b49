import { appendFile, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Network } from "../../src/network/network.ts";
import { temporaryFolder } from "../harness/fixture.ts";
import { linkSession, submit } from "../harness/noting-device.ts";

const networkOn = (dataFile: string): Network => new Network({ qrRotateMs: 20_000, dataFile });

test("accounts, sessions, bans and arrivals are there again after a restart", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/deep/sandbox.ndjson`;
  const before = networkOn(file);
  const session = linkSession(before, "34600123456");
  const gone = linkSession(before, "34600999999");
  before.logout(gone, "user_initiated");
  await submit(before, session, { messageId: "A", to: "34611111111@c.us", text: "hello" });
  await submit(before, session, { messageId: "A", to: "34611111111@c.us", text: "hello" });
  before.ban("34600123456", { kind: "temporary", reason: "spam", sends: "error" });
  before.close();

  const after = networkOn(file);

  expect(after.accounts.list()).toMatchObject([{ id: session.id, phone: "34600123456", device: null }]);
  expect(after.accounts.sessionOf(session)).not.toBeNull();
  expect(after.accounts.sessionOf({ id: session.id, secret: "guessed" })).toBeNull();
  expect(after.accounts.get("34600123456")?.ban?.kind).toBe("temporary");
  expect(after.ledger.list({ after: 0, limit: 10 }).entries).toMatchObject([{ messageId: "A", copies: 2 }]);
  after.close();
});

test("a line torn by a kill is dropped and what comes next is readable", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/sandbox.ndjson`;
  const first = networkOn(file);
  const session = linkSession(first, "34600123456");
  first.close();
  await appendFile(file, '{"k":"arrival","to":"346');

  const second = networkOn(file);
  const revived = second.accounts.session(session.id);
  if (revived === undefined) throw new Error("the session is gone");
  await submit(second, revived, { messageId: "B", to: "34611111111@c.us", text: "hello" });
  second.close();
  const third = networkOn(file);

  expect(third.ledger.summary().arrivals).toBe(1);
  third.close();
});

test("a journal that is not one is refused", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/sandbox.ndjson`;
  await appendFile(file, "this is no journal\n");

  expect(() => networkOn(file)).toThrow(/sandbox\.ndjson cannot be used: line 1 is no record/);
  expect(await readFile(file, "utf8")).toBe("this is no journal\n");
});
