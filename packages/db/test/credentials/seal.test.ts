import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type { DeviceCredentials } from "@pregonero/contracts";
import { describe, expect, test } from "vitest";
import {
  CredentialsUnreadable,
  InvalidCredentialsKey,
  openCredentials,
  openKeyring,
  sealCredentials,
} from "../../src/index.ts";

const cloud: DeviceCredentials = {
  kind: "whatsapp_cloud",
  phone_number_id: "106540352242922",
  access_token: "EAAG-token",
  app_secret: "app-secret",
  verify_token: "verify-me",
};
const newKey = () => randomBytes(32).toString("base64");
const owner = { tenantId: 7, kind: "whatsapp_cloud" } as const;

describe("sealed credentials", () => {
  test("open with the key that sealed them and hold nothing readable", () => {
    const keyring = openKeyring(newKey());
    const sealed = sealCredentials(keyring.current, 7, cloud);
    expect(openCredentials(keyring, owner, sealed)).toEqual(cloud);
    expect(sealed.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(sealed.sealed.toString("latin1")).not.toContain("EAAG-token");
    expect(sealed.sealed.toString("latin1")).not.toContain("access_token");
  });

  test("are never the same twice", () => {
    const { current } = openKeyring(newKey());
    expect(sealCredentials(current, 7, cloud).sealed).not.toEqual(sealCredentials(current, 7, cloud).sealed);
  });

  test("do not open with another key, even one that claims the same id", () => {
    const sealed = sealCredentials(openKeyring(newKey()).current, 7, cloud);
    const other = openKeyring(newKey());
    expect(() => openCredentials(other, owner, sealed)).toThrow(/not given/);
    expect(() => openCredentials(other, owner, { ...sealed, keyId: other.current.id })).toThrow(
      CredentialsUnreadable,
    );
  });

  test("do not open when any byte of them was changed", () => {
    const keyring = openKeyring(newKey());
    const { sealed, keyId } = sealCredentials(keyring.current, 7, cloud);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openCredentials(keyring, owner, { sealed: changed, keyId })).toThrow(
        CredentialsUnreadable,
      );
    }
  });

  test("do not open when they were cut short", () => {
    const keyring = openKeyring(newKey());
    const { sealed, keyId } = sealCredentials(keyring.current, 7, cloud);
    for (const length of [0, 1, 12, 28, 29, sealed.length - 1]) {
      const cut = sealed.subarray(0, length);
      expect(() => openCredentials(keyring, owner, { sealed: cut, keyId })).toThrow(CredentialsUnreadable);
    }
  });

  test("of one tenant do not open as another's, nor as those of another kind of device", () => {
    const keyring = openKeyring(newKey());
    const sealed = sealCredentials(keyring.current, 7, cloud);
    expect(() => openCredentials(keyring, { ...owner, tenantId: 8 }, sealed)).toThrow(CredentialsUnreadable);
    expect(() => openCredentials(keyring, { ...owner, kind: "wablas" }, sealed)).toThrow(
      CredentialsUnreadable,
    );
  });
});

describe("the keyring", () => {
  test("reads what a former key sealed and seals with the current one", () => {
    const [first, second, third] = [newKey(), newKey(), newKey()];
    const old = sealCredentials(openKeyring(first).current, 7, cloud);
    const keyring = openKeyring(third, `${first}, ${second}`);
    expect(openCredentials(keyring, owner, old)).toEqual(cloud);
    expect(sealCredentials(keyring.current, 7, cloud).keyId).toBe(openKeyring(third).current.id);
    expect(openKeyring(third).byId.has(old.keyId)).toBe(false);
  });

  test.for([
    "",
    "short",
    randomBytes(31).toString("base64"),
    randomBytes(33).toString("base64"),
    "ñ".repeat(44),
  ])("refuses a key that is not 32 bytes in base64: %#", (key) => {
    expect(() => openKeyring(key)).toThrow(InvalidCredentialsKey);
    if (key !== "") expect(() => openKeyring(newKey(), key)).toThrow(InvalidCredentialsKey);
  });

  test("shows no key, neither printed nor in the error about a wrong one", () => {
    const base64 = newKey();
    const shown = inspect(openKeyring(base64), { depth: 9 }) + JSON.stringify(openKeyring(base64));
    expect(shown).not.toContain(base64);
    expect(shown).not.toContain(Buffer.from(base64, "base64").toString("hex"));
    const wrong = "c2VjcmV0LWtleS10aGF0LWlzLXdyb25n";
    expect(() => openKeyring(wrong)).toThrow(/^CREDENTIALS_KEY: must be 32 bytes in base64$/);
  });
});
