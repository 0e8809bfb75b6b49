import type { ClaimedNotification } from "@pregonero/db";

/** What notifications say, in the languages of the interface. */
export interface Texts {
  readonly subject: (told: Told) => string;
  readonly headline: (told: Told) => string;
  readonly open: string;
  readonly reason: string;
  readonly figures: Readonly<Record<string, string>>;
  readonly footer: string;
}

/** The facts that a sentence is made of. */
export interface Told {
  readonly event: ClaimedNotification["event"];
  readonly jobType: ClaimedNotification["jobType"];
  /** As people call the job; never empty. */
  readonly name: string;
  /** The domain of a step. */
  readonly step: string;
  readonly status: string;
}

const es: Texts = {
  subject(told) {
    if (told.event === "test") return "Pregonero: mensaje de prueba";
    if (told.event === "step") return `${told.step}: ${stepEs(told.status)} (${told.name})`;
    return `${told.name}: ${endEs(told)}`;
  },
  headline(told) {
    if (told.event === "test") return "Las notificaciones llegan a este destino.";
    if (told.event === "step") return `${told.step}: ${stepEs(told.status)}.`;
    return `${kindEs(told)} «${told.name}» ${sentenceEs(told)}.`;
  },
  open: "Ver el trabajo",
  reason: "Motivo",
  figures: {
    total: "Total",
    sent: "Enviados",
    delivered: "Entregados",
    read: "Leídos",
    completed: "Completados",
    failed: "Fallidos",
    cancelled: "Cancelados",
    skipped: "Omitidos",
    unknown: "Sin confirmar",
    http_status: "Código HTTP",
    title: "Título",
  },
  footer: "Recibe este mensaje porque su dirección figura en las notificaciones de Pregonero.",
};

const en: Texts = {
  subject(told) {
    if (told.event === "test") return "Pregonero: test message";
    if (told.event === "step") return `${told.step}: ${told.status} (${told.name})`;
    return `${told.name}: ${endEn(told)}`;
  },
  headline(told) {
    if (told.event === "test") return "Notifications arrive here.";
    if (told.event === "step") return `${told.step}: ${told.status}.`;
    return `${told.jobType === "batch_scraping" ? "The batch job" : "The campaign"} “${told.name}” ${sentenceEn(told)}.`;
  },
  open: "Open the job",
  reason: "Reason",
  figures: {
    total: "Total",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    completed: "Completed",
    failed: "Failed",
    cancelled: "Cancelled",
    skipped: "Skipped",
    unknown: "Unknown",
    http_status: "HTTP status",
    title: "Title",
  },
  footer: "You get this because your address is among the notifications of Pregonero.",
};

const kindEs = ({ jobType }: Told): string =>
  jobType === "batch_scraping" ? "El trabajo por lotes" : "La campaña";
const stepEs = (status: string): string =>
  status === "completed" ? "completado" : status === "skipped" ? "omitido" : "fallido";
const endEs = ({ event }: Told): string =>
  event === "completed" ? "terminado" : event === "failed" ? "fallido" : "en pausa";
const sentenceEs = ({ event }: Told): string =>
  event === "completed"
    ? "ha terminado"
    : event === "failed"
      ? "ha fallado"
      : "se ha puesto en pausa por sí sola";
const endEn = ({ event }: Told): string =>
  event === "completed" ? "completed" : event === "failed" ? "failed" : "paused";
const sentenceEn = ({ event }: Told): string =>
  event === "completed" ? "has completed" : event === "failed" ? "has failed" : "has paused by itself";

/** Spanish unless another language that we have was asked for. */
export function textsIn(language: string): Texts {
  return language === "en" ? en : es;
}
