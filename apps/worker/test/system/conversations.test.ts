import { makeJob, statsAndRecount } from "@pregonero/db/testing";
import { randomBytes } from "node:crypto";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CrmUser } from "./crm-user.ts";
import { Fleet, phoneOf, until } from "./fleet.ts";

interface Arrival {
  readonly to: string;
  readonly text: string;
  readonly seq: number;
  readonly file?: { readonly type: string; readonly sha256: string; readonly filename: string | null };
}

const picture = randomBytes(2_000_000);
const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

let fleet: Fleet;
let apiUrl: string;
let crm: CrmUser;

beforeAll(async () => {
  fleet = await Fleet.start({ workers: 1, devices: 1 });
  apiUrl = await fleet.startApi();
  crm = await CrmUser.of(fleet, apiUrl);
}, 90_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

const arrivals = async (phone: string): Promise<Arrival[]> =>
  (await fleet.sandbox.control<{ entries: Arrival[] }>("GET", `/ledger?phone=${phone}&limit=1000`)).entries;
const arrivalWhere = async (phone: string, holds: (arrival: Arrival) => boolean): Promise<Arrival> => {
  let found: Arrival | undefined;
  await until(async () => (found = (await arrivals(phone)).find(holds)) !== undefined, 15_000);
  if (!found) throw new Error("nothing arrived");
  return found;
};
const seen = async (): Promise<string> => JSON.stringify(await fleet.sandbox.control("GET", "/seen"));

describe("WhatsApp Web", { timeout: 60_000 }, () => {
  const device = (): { id: number; phone: string } => {
    const [id = 0] = fleet.deviceIds;
    return { id, phone: phoneOf(id) };
  };
  const writes = async (from: string, more: object): Promise<void> => {
    await fleet.sandbox.control("POST", "/inbound", { to: device().phone, from, ...more });
  };

  test("what people write is there, with their name, and WhatsApp is told when it was read", async () => {
    await writes("34655000001", { text: "¿Tienen hora?", name: "Lucía" });
    const { id } = await crm.conversationWhere(device().id, "34655000001", (it) => it.unread_count === 1);
    expect(await crm.conversation(device().id, "lucía")).toMatchObject({
      contact_name: "Lucía",
      last_message: { direction: "inbound", preview: "¿Tienen hora?" },
    });
    await crm.markRead(id);
    await until(async () => (await seen()).includes("34655000001@c.us"), 15_000);
  });

  test("a reply goes out while a campaign runs, long before it ends", async () => {
    await writes("34655000002", { text: "hola" });
    const { id } = await crm.conversationWhere(device().id, "34655000002");
    const jobId = await makeJob(fleet.db, {
      tenantId: fleet.tenantId,
      messages: 3_000,
      devices: [device().id],
    });
    await fleet.untilJob(jobId, (job) => job.sent > 50);
    const sentBefore = (await fleet.job(jobId)).sent;
    const placed = await crm.reply(id, { text: "Sí, a las cinco" });
    await crm.messageWhere(
      id,
      (it) => it.id === placed.id && it.state !== "queued" && it.state !== "sending",
    );
    const sentAfter = (await fleet.job(jobId)).sent;
    await arrivalWhere("34655000002", ({ text }) => text === "Sí, a las cinco");
    expect(sentAfter).toBeLessThan(3_000);
    expect(sentAfter - sentBefore).toBeLessThan(1_000);
    await fleet.db.pool.query("UPDATE send_messages_jobs SET status = 'cancelled' WHERE id = $1", [jobId]);
  });

  test("what is typed on the phone itself is part of the conversation, our own sends are not there twice", async () => {
    await fleet.sandbox.control("POST", `/accounts/${device().phone}/type`, {
      to: "34655000003",
      text: "Soy Ana",
    });
    const { id } = await crm.conversationWhere(device().id, "34655000003");
    await crm.reply(id, { text: "y aquí" });
    await crm.messageWhere(
      id,
      ({ text, state }) => text === "y aquí" && state !== "queued" && state !== "sending",
    );
    const told = (await crm.messages(id)).map(({ text, origin }) => [text, origin]);
    expect(told).toEqual([
      ["y aquí", "reply"],
      ["Soy Ana", "phone"],
    ]);
    expect(await crm.conversation(device().id, "34655000003")).toMatchObject({
      unread_count: 0,
      handed_over: true,
    });
  });

  test("files come in whole and go out whole", async () => {
    const { id: file } = await fleet.sandbox.file(picture, "image/jpeg", "foto.jpg");
    await writes("34655000004", { text: "mire", file: { id: file, type: "image" } });
    const { id } = await crm.conversationWhere(device().id, "34655000004");
    const came = await crm.messageWhere(id, ({ media }) => media?.state === "ready");
    expect(came).toMatchObject({ type: "image", text: "mire", media: { content_type: "image/jpeg" } });
    expect(sha256(await crm.download(came.media?.id ?? ""))).toBe(sha256(picture));

    const upload = await crm.upload(Buffer.from("%PDF factura"), "application/pdf", "factura.pdf");
    await crm.reply(id, { media_id: upload.id, text: "Su factura" });
    const arrived = await arrivalWhere("34655000004", (it) => it.file !== undefined);
    expect(arrived).toMatchObject({
      text: "Su factura",
      file: { type: "document", sha256: sha256(Buffer.from("%PDF factura")), filename: "factura.pdf" },
    });
  });

  test("somebody whose number WhatsApp hides can be answered, and is the same once it is known", async () => {
    await writes("34655000005", { text: "¿quién soy?", lid: true, lid_known: false });
    const { id } = await crm.conversationWhere(device().id, "", (it) => it.phone.endsWith("@lid"));
    await crm.reply(id, { text: "no lo sabemos" });
    await arrivalWhere("34655000005", ({ text }) => text === "no lo sabemos");
    await writes("34655000005", { text: "ahora sí", lid: true });
    const known = await crm.conversationWhere(device().id, "34655000005");
    expect(known.id).toBe(id);
    expect(new Set((await crm.messages(id)).map(({ text }) => text))).toEqual(
      new Set(["¿quién soy?", "no lo sabemos", "ahora sí"]),
    );
  });

  test("what was written while no worker ran is not lost", async () => {
    fleet.workers[0]?.kill("SIGKILL");
    await writes("34655000006", { text: "¿hay alguien?" });
    await fleet.addWorker();
    await crm.conversationWhere(device().id, "34655000006", (it) => it.unread_count === 1);
    const { kept, recount } = await statsAndRecount(fleet.db, fleet.tenantId);
    expect(kept).toEqual(recount);
  });
});

describe("HTTP channels", { timeout: 60_000 }, () => {
  test("the Cloud API: files both ways, and what was read", async () => {
    const deviceId = await fleet.addCloudDevice(apiUrl);
    await fleet.connected([deviceId]);
    const account = (await fleet.db.prisma.device.findUniqueOrThrow({ where: { id: deviceId } })).providerRef;
    const file = await fleet.sandbox.file(picture, "image/jpeg", "foto.jpg");
    const image = { id: file.id, mime_type: "image/jpeg", caption: "mire" };
    const path = `/cloud/accounts/${account}/inbound`;
    const { id: wamid } = await fleet.sandbox.control<{ id: string }>("POST", path, {
      from: "34656000001",
      name: "Lucía",
      image,
    });
    const { id } = await crm.conversationWhere(deviceId, "34656000001");
    const came = await crm.messageWhere(id, ({ media }) => media?.state === "ready");
    expect(came).toMatchObject({ type: "image", text: "mire" });
    expect(sha256(await crm.download(came.media?.id ?? ""))).toBe(sha256(picture));
    await crm.markRead(id);
    await until(async () => (await seen()).includes(wamid), 15_000);

    const upload = await crm.upload(picture, "image/jpeg", "otra.jpg");
    await crm.reply(id, { media_id: upload.id, text: "la nuestra" });
    const arrived = await arrivalWhere("34656000001", (it) => it.file !== undefined);
    expect(arrived).toMatchObject({ text: "la nuestra", file: { type: "image", sha256: sha256(picture) } });
    await crm.messageWhere(id, ({ media, state }) => media?.id === upload.id && state === "read");
  });

  test("Wablas: files both ways", async () => {
    const { id: deviceId, token } = await fleet.addWablasDevice(apiUrl);
    await fleet.connected([deviceId]);
    const { id: file } = await fleet.sandbox.file(picture, "image/jpeg", "foto.jpg");
    const inbound = { from: "34657000001", file, message_type: "image" };
    await fleet.sandbox.control("POST", `/wablas/devices/${token}/inbound`, inbound);
    const { id } = await crm.conversationWhere(deviceId, "34657000001");
    const came = await crm.messageWhere(id, ({ media }) => media?.state === "ready");
    expect(sha256(await crm.download(came.media?.id ?? ""))).toBe(sha256(picture));

    const upload = await crm.upload(Buffer.from("%PDF"), "application/pdf", "factura.pdf");
    await crm.reply(id, { media_id: upload.id, text: "Su factura" });
    const arrived = await arrivalWhere("34657000001", (it) => it.file !== undefined);
    expect(arrived).toMatchObject({
      text: "Su factura",
      file: { type: "document", sha256: sha256(Buffer.from("%PDF")) },
    });
  });
});
