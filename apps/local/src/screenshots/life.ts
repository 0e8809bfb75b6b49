import type { PregoneroClient } from "@pregonero/client";
import { sleep } from "@pregonero/runtime";
import type { SandboxControl } from "../stack/sandbox-control.ts";

/** Where the pictures are taken. */
export interface Life {
  readonly running: string;
  readonly conversation: string;
}

/** Assigned to nobody. */
const firstNumber = 34_555_600_001;
const names = [
  "Lucía Prieto",
  "Mateo Rivas",
  "Valeria Soto",
  "Íñigo Ferrer",
  "Camila Duarte",
  "Tomás Aguirre",
];

/** Campaigns that have ended, one that runs, and people who answer. */
export async function fillWithLife(client: PregoneroClient, sandbox: SandboxControl): Promise<Life> {
  await sandbox.delay(15, 30);
  await client.templates.create({
    name: "pedido en camino",
    body: "Hola {{nombre}}, tu pedido {{pedido}} va en camino.",
  });
  await finished(client, "Aviso de entregas", 240);
  await finished(client, "Encuesta de satisfacción", 90);
  const conversation = await converse(client, sandbox);
  await sandbox.delay(60, 110);
  const { campaign } = await client.campaigns.create({
    name: "Rebajas de temporada",
    body: "Hola {{nombre}}, empiezan las rebajas. Responde BAJA si no quieres más avisos.",
    recipients: people(1_500, 1_000),
  });
  return { running: campaign.id, conversation };
}

async function finished(client: PregoneroClient, name: string, count: number): Promise<void> {
  const body = "Hola {{nombre}}, tu pedido {{pedido}} va en camino.";
  const { job } = await client.campaigns.create({ name, body, recipients: people(count, 0) });
  for await (const frame of client.followJob(job.id)) void frame;
}

function people(count: number, from: number) {
  return Array.from({ length: count }, (_, n) => ({
    phone: `+${firstNumber + from + n}`,
    variables: { nombre: names[n % names.length] ?? "", pedido: String(4_100 + n) },
  }));
}

const waitMs = 500;
const tries = 40;

async function converse(client: PregoneroClient, sandbox: SandboxControl): Promise<string> {
  const [device] = (await client.devices.list({ limit: 1 })).items;
  const to = device?.phone ?? "";
  const said = [
    "¡Gracias! ¿A qué hora llega?",
    "Ya lo recibí, todo perfecto",
    "¿Puedo cambiar la dirección?",
  ];
  for (const [n, text] of said.entries()) await sandbox.inbound(to, String(firstNumber + n), text);
  for (let attempt = 0; attempt < tries; attempt++) {
    const { items } = await client.conversations.list({ search: String(firstNumber) });
    const [first] = items;
    if (first) {
      await client.conversations.reply(first.id, { text: "Esta tarde, entre las 17 y las 19 h." });
      return first.id;
    }
    await sleep(waitMs);
  }
  throw new Error("nobody's message arrived");
}
