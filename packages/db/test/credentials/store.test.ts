import { randomBytes } from "node:crypto";
import type { DeviceCredentials } from "@pregonero/contracts";
import { expect, test } from "vitest";
import {
  CredentialsUnreadable,
  openKeyring,
  readCredentials,
  resealCredentials,
  saveCredentials,
  type Database,
} from "../../src/index.ts";
import { makeTenant, testDatabase } from "../fixtures.ts";

const wablas: DeviceCredentials = {
  kind: "wablas",
  host: "https://texas.wablas.com",
  token: "token-of-the-account",
  secret_key: "secret-of-the-account",
  webhook_secret: "part-of-the-address",
};

async function makeWablas(db: Database, tenantId: number): Promise<number> {
  const { id } = await db.prisma.device.create({ data: { tenantId, name: "gateway", kind: "wablas" } });
  return id;
}

const newKeyring = () => openKeyring(randomBytes(32).toString("base64"));

test("credentials come back as they were stored, and only sealed ones are in the row", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const keyring = newKeyring();
  const tenantId = await makeTenant(db);
  const deviceId = await makeWablas(db, tenantId);
  expect(await readCredentials(db, deviceId, keyring)).toBeNull();
  expect(await saveCredentials(db.pool, keyring, { tenantId, deviceId, credentials: wablas })).toBe(true);
  expect(await readCredentials(db, deviceId, keyring)).toEqual(wablas);
  const row = await db.prisma.device.findUniqueOrThrow({ where: { id: deviceId } });
  expect(Buffer.from(row.credentials ?? []).toString("latin1")).not.toContain(wablas.token);
  expect(row.credentialsKeyId).toBe(keyring.current.id);
});

test("credentials are not stored for another tenant's device, or one of another kind", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const keyring = newKeyring();
  const [tenantId, stranger] = [await makeTenant(db), await makeTenant(db)];
  const deviceId = await makeWablas(db, tenantId);
  const save = (owner: number, credentials: DeviceCredentials) =>
    saveCredentials(db.pool, keyring, { tenantId: owner, deviceId, credentials });
  expect(await save(stranger, wablas)).toBe(false);
  const cloud = { phone_number_id: "1", access_token: "a", app_secret: "b", verify_token: "c" };
  expect(await save(tenantId, { kind: "whatsapp_cloud", ...cloud })).toBe(false);
  expect(await readCredentials(db, deviceId, keyring)).toBeNull();
});

test("credentials that were copied to another tenant's device do not open there", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const keyring = newKeyring();
  const tenantId = await makeTenant(db);
  const deviceId = await makeWablas(db, tenantId);
  const thief = await makeWablas(db, await makeTenant(db));
  await saveCredentials(db.pool, keyring, { tenantId, deviceId, credentials: wablas });
  await db.pool.query(
    `UPDATE devices t SET credentials = s.credentials, credentials_key_id = s.credentials_key_id
     FROM devices s WHERE s.id = $1 AND t.id = $2`,
    [deviceId, thief],
  );
  await expect(readCredentials(db, thief, keyring)).rejects.toBeInstanceOf(CredentialsUnreadable);
});

test("after a change of keys everything can be sealed again, and the former key is not needed any more", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const [first, second] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const tenantId = await makeTenant(db);
  const deviceId = await makeWablas(db, tenantId);
  await saveCredentials(db.pool, openKeyring(first), { tenantId, deviceId, credentials: wablas });
  await expect(readCredentials(db, deviceId, openKeyring(second))).rejects.toThrow(/not given/);
  expect(await resealCredentials(db, openKeyring(second, first))).toBe(1);
  expect(await resealCredentials(db, openKeyring(second, first))).toBe(0);
  expect(await readCredentials(db, deviceId, openKeyring(second))).toEqual(wablas);
});
