import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "@pregonero/local-stack";

/** In the list, and on the suppression list before it is uploaded. Assigned to nobody, like all numbers of the example. */
export const optOut = ["+34 555 80 00 01", "+57 555 800 0002"];

export const campaignName = "Pedidos de diciembre";

export const template =
  "Hola {{nombre}}, tu pedido {{pedido}} llega el {{día de entrega}} a {{ciudad|tu domicilio}}. ¡Gracias!";

const file = join(projectRoot, "examples", "recipients.csv");

export async function recipientsFile(): Promise<Blob> {
  return new Blob([await readFile(file)], { type: "text/csv" });
}
