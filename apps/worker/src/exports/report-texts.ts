/** The words of a report, in the languages of the interface. */
export interface ReportTexts {
  readonly sends: string;
  readonly batch: string;
  readonly total: string;
  readonly result: string;
  readonly devices: string;
  readonly errors: string;
  readonly list: string;
  readonly listCut: (shown: number, total: number) => string;
  readonly facts: Readonly<
    Record<"status" | "created" | "createdBy" | "started" | "completed" | "printed", string>
  >;
  readonly columns: Readonly<
    Record<"number" | "phone" | "domain" | "state" | "device" | "at" | "detail", string>
  >;
  readonly words: Readonly<Record<string, string>>;
}

const es: ReportTexts = {
  sends: "Informe de campaña",
  batch: "Informe de trabajo por lotes",
  total: "Total",
  result: "Resultado",
  devices: "Dispositivos",
  errors: "Motivos de fallo",
  list: "Detalle",
  listCut: (shown, total) =>
    `Se muestran las primeras ${shown} de ${total} filas. La lista completa está en la exportación CSV o Excel.`,
  facts: {
    status: "Estado",
    created: "Creado",
    createdBy: "Creado por",
    started: "Inicio",
    completed: "Fin",
    printed: "Emitido",
  },
  columns: {
    number: "N.º",
    phone: "Teléfono",
    domain: "Dominio",
    state: "Estado",
    device: "Dispositivo",
    at: "Hora (UTC)",
    detail: "Detalle",
  },
  words: {
    scheduled: "programado",
    pending: "pendiente",
    running: "en curso",
    completed: "completado",
    failed: "fallido",
    paused: "en pausa",
    cancelled: "cancelado",
    queued: "en cola",
    sending: "enviando",
    retrying: "reintentando",
    unknown: "sin confirmar",
    sent: "enviado",
    delivered: "entregado",
    read: "leído",
    skipped: "omitido",
  },
};

const en: ReportTexts = {
  sends: "Campaign report",
  batch: "Batch job report",
  total: "Total",
  result: "Result",
  devices: "Devices",
  errors: "Reasons of failures",
  list: "Details",
  listCut: (shown, total) =>
    `The first ${shown} of ${total} rows. The whole list is in the CSV or Excel export.`,
  facts: {
    status: "Status",
    created: "Created",
    createdBy: "Created by",
    started: "Started",
    completed: "Completed",
    printed: "Issued",
  },
  columns: {
    number: "No.",
    phone: "Phone",
    domain: "Domain",
    state: "State",
    device: "Device",
    at: "Time (UTC)",
    detail: "Detail",
  },
  words: {},
};

/** Spanish unless another language that we have was asked for. */
export function reportTextsIn(language: string): ReportTexts {
  return language === "en" ? en : es;
}
