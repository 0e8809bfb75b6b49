import { makeTenant } from "@pregonero/db/testing";
import { describe, expect, test } from "vitest";
import { testApi } from "./support/suite.ts";

const app = testApi();

const session = (key: string) =>
  fetch(`${app().url}/admin/session`, { method: "POST", headers: { authorization: `Bearer ${key}` } });

async function cookieOf(key: string): Promise<string> {
  const response = await session(key);
  expect(response.status).toBe(204);
  return response.headers.get("set-cookie") ?? "";
}

const look = (path: string, cookie: string) =>
  fetch(`${app().url}/admin/queues${path}`, { headers: { cookie: cookie.split(";")[0] ?? "" } });

const queueNames = async (cookie: string): Promise<string[]> => {
  const answer: { queues: { name: string }[] } = await (await look("/api/queues", cookie)).json();
  return answer.queues.map(({ name }) => name);
};

describe("the board of queues", () => {
  test("shows each tenant the queues of its own devices", async () => {
    const { body } = await app().call<{ id: number }>("POST", "/api/v1/devices", {
      json: { name: "ventas" },
    });
    const stranger = await app().keyFor(await makeTenant(app().db), "admin");
    expect(await queueNames(await cookieOf(stranger))).toEqual([]);
    expect(await queueNames(await cookieOf(app().keys.admin))).toEqual([`turns-${body.id}`]);
  });

  test("opens for admins by a cookie that no script and no other site can use", async () => {
    expect((await session(app().keys.operator)).status).toBe(403);
    expect((await session("pgn_wrong")).status).toBe(401);
    expect((await look("/", "")).status).toBe(401);
    const cookie = await cookieOf(app().keys.admin);
    expect(cookie).toMatch(/; Path=\/admin; Max-Age=3600; HttpOnly; SameSite=Strict/);
    const page = await look("/", cookie);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Pregonero");
    const operator = `pregonero_board=${app().keys.operator}`;
    expect((await look("/", operator)).status).toBe(403);
  });
});
