import { defineTexts } from "../i18n/texts.ts";

export const auditTexts = defineTexts(
  {
    title: "Auditoría",
    lead: "Quién cambió qué y cuándo.",
    none: "Todavía no ha cambiado nada",
    noneText: "Cada cambio que alguien haga quedará escrito aquí.",
    columns: { at: "Cuándo", actor: "Quién", action: "Qué", subject: "Sobre qué", detail: "Detalle" },
    actor: "Quién (exacto)",
    action: "Acción o su comienzo, como campaign",
    subject: "Sobre qué (exacto)",
  },
  {
    title: "Audit",
    lead: "Who changed what, and when.",
    none: "Nothing has been changed yet",
    noneText: "Each change that somebody makes is written down here.",
    columns: { at: "When", actor: "Who", action: "What", subject: "To what", detail: "Detail" },
    actor: "Who (exactly)",
    action: "Action or its beginning, such as campaign",
    subject: "To what (exactly)",
  },
);
