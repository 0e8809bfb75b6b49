import type { QueueCampaignCreated } from "@pregonero/contracts";
import type { Answer, CallOptions, TestApi } from "../support/api.ts";

export interface QueueForm {
  readonly csv: string;
  readonly titulo_campana?: string;
  readonly plantilla?: string;
  readonly buzon?: string;
  readonly idioma?: string;
}

/** As clients of the contract send it. */
export function queueForm({ csv, ...fields }: QueueForm): FormData {
  const form = new FormData();
  form.set("archivo_csv", new Blob([csv]), "clientes.csv");
  const all = { titulo_campana: "Promo Enero 2026", plantilla: "bienvenida", buzon: "ventas", ...fields };
  for (const [name, value] of Object.entries(all)) form.set(name, value);
  return form;
}

export async function createQueueCampaign<Body = QueueCampaignCreated>(
  api: TestApi,
  form: QueueForm,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  return await api.call<Body>("POST", "/api/crear-campana", { form: queueForm(form), ...options });
}
