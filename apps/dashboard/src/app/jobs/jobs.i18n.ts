import type { JobKind } from "@pregonero/client";
import { defineTexts } from "../i18n/texts.ts";

export const jobsTexts = defineTexts(
  {
    tabs: { messages: "Mensajes", sites: "Sitios web" },
    title: "Trabajos",
    lead: "Todo lo que se ha mandado enviar: campañas, envíos masivos y sueltos.",
    none: "Todavía no hay trabajos",
    noneText: "Cada campaña y cada envío por la API aparece aquí.",
    kind: "Tipo",
    state: "Estado",
    kinds: { campaign: "Campaña", bulk: "Envío masivo", single: "Envío suelto" } satisfies Record<
      JobKind,
      string
    >,
    columns: { job: "Trabajo", state: "Estado", progress: "Progreso", by: "Quién", created: "Creado" },
    messages: (count: string) => `${count} mensajes`,
    toCampaign: "Ver la campaña",
    from: "Desde",
  },
  {
    tabs: { messages: "Messages", sites: "Websites" },
    title: "Jobs",
    lead: "Everything that was to be sent: campaigns, bulk and single sends.",
    none: "No jobs yet",
    noneText: "Each campaign and each send by the API appears here.",
    kind: "Kind",
    state: "State",
    kinds: { campaign: "Campaign", bulk: "Bulk send", single: "Single send" },
    columns: { job: "Job", state: "State", progress: "Progress", by: "Who", created: "Created" },
    messages: (count: string) => `${count} messages`,
    toCampaign: "See the campaign",
    from: "From",
  },
);
