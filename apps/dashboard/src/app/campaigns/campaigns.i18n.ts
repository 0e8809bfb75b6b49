import { defineTexts } from "../i18n/texts.ts";

export const campaignsTexts = defineTexts(
  {
    title: "Campañas",
    create: "Nueva campaña",
    search: "Buscar por nombre",
    state: "Estado",
    columns: {
      name: "Campaña",
      state: "Estado",
      progress: "Progreso",
      sent: "Enviados",
      failed: "Fallidos",
      created: "Creada",
    },
    none: "Todavía no hay campañas",
    noneText: "Sube un CSV con tus contactos, elige una plantilla y mira salir cada mensaje en vivo.",
    recipients: (count: string) => `${count} destinatarios`,
    rejected: (count: string) => `${count} rechazados`,
    begins: (when: string) => `Empieza ${when}`,
  },
  {
    title: "Campaigns",
    create: "New campaign",
    search: "Search by name",
    state: "State",
    columns: {
      name: "Campaign",
      state: "State",
      progress: "Progress",
      sent: "Sent",
      failed: "Failed",
      created: "Created",
    },
    none: "No campaigns yet",
    noneText: "Upload a CSV with your contacts, choose a template and watch each message go out.",
    recipients: (count: string) => `${count} recipients`,
    rejected: (count: string) => `${count} rejected`,
    begins: (when: string) => `Begins ${when}`,
  },
);
