import type { ProblemCode } from "@pregonero/client";
import { defineTexts } from "../i18n/texts.ts";

interface Advice {
  readonly title: string;
  readonly advice: string;
}

const es = {
  invalid_json: { title: "La petición no se entendió", advice: "Recarga la página y repite la acción." },
  invalid_request: { title: "La petición no es válida", advice: "Revisa los datos y vuelve a intentarlo." },
  broken_csv: {
    title: "No se puede leer el CSV",
    advice: "Guárdalo como «CSV UTF-8» con una fila de encabezados y una columna de teléfono.",
  },
  unauthenticated: { title: "Hay que entrar", advice: "Entra de nuevo con una clave válida." },
  bad_signature: { title: "La firma no es correcta", advice: "Revisa el secreto del webhook." },
  forbidden: { title: "Tu rol no lo permite", advice: "Pídelo a alguien con un rol mayor." },
  host_not_allowed: { title: "Dirección no permitida", advice: "Abre el panel como http://localhost." },
  origin_not_allowed: {
    title: "Origen no permitido",
    advice: "Abre el panel desde la dirección del servidor.",
  },
  not_found: { title: "No existe", advice: "Puede que se haya borrado. Vuelve a la lista." },
  method_not_allowed: {
    title: "No es posible aquí",
    advice: "Recarga la página: quizá el servidor se actualizó.",
  },
  conflict: {
    title: "Ahora no es posible",
    advice: "El estado cambió entretanto. Recarga y míralo de nuevo.",
  },
  name_taken: { title: "El nombre ya está en uso", advice: "Elige otro nombre." },
  request_in_progress: { title: "Ya se está haciendo", advice: "Espera unos segundos antes de repetirlo." },
  too_large: { title: "Es demasiado grande", advice: "Divídelo en partes más pequeñas." },
  unsupported_media_type: { title: "Tipo de archivo no admitido", advice: "Usa un archivo CSV." },
  validation_failed: {
    title: "Hay datos que corregir",
    advice: "Corrige lo señalado y vuelve a intentarlo.",
  },
  unknown_device: { title: "Dispositivo desconocido", advice: "Elige otro dispositivo de la lista." },
  unknown_pool: { title: "Grupo desconocido o vacío", advice: "Elige otro grupo o añádele dispositivos." },
  unknown_template: { title: "Plantilla desconocida", advice: "Elige otra plantilla de la lista." },
  template_invalid: {
    title: "El texto tiene un error",
    advice: "Revisa las llaves: {{nombre}} o {{nombre|valor}}.",
  },
  no_valid_recipients: {
    title: "Nadie a quien escribir",
    advice: "Todas las filas se rechazaron. Mira los motivos y corrige el archivo.",
  },
  provider_refused: {
    title: "El proveedor no lo acepta",
    advice: "Revisa las credenciales con el proveedor.",
  },
  idempotency_key_reused: {
    title: "Petición repetida con otros datos",
    advice: "Recarga la página y repítelo.",
  },
  too_many_requests: { title: "Demasiadas peticiones", advice: "Espera un minuto y vuelve a intentarlo." },
  internal: {
    title: "Algo falló en el servidor",
    advice: "Vuelve a intentarlo; si sigue, da el identificador a soporte.",
  },
  unavailable: {
    title: "No disponible ahora",
    advice: "Suele pasar pronto. Vuelve a intentarlo en unos segundos.",
  },
  not_configured: {
    title: "Falta configurarlo en el servidor",
    advice: "Avisa a quien administra la instalación.",
  },
  worker_timeout: {
    title: "Ningún worker contestó",
    advice: "Mira en Flota y colas si hay workers en marcha.",
  },
} satisfies Record<ProblemCode, Advice>;

const en: Record<keyof typeof es, Advice> = {
  invalid_json: { title: "The request was not understood", advice: "Reload the page and do it again." },
  invalid_request: { title: "The request is not valid", advice: "Look over what you entered and try again." },
  broken_csv: {
    title: "The CSV cannot be read",
    advice: "Save it as “CSV UTF-8” with a row of headers and a column of phone numbers.",
  },
  unauthenticated: { title: "Sign in first", advice: "Sign in again with a valid key." },
  bad_signature: { title: "The signature is not right", advice: "Look at the secret of the webhook." },
  forbidden: { title: "Your role does not allow this", advice: "Ask somebody with a higher role." },
  host_not_allowed: { title: "Address not allowed", advice: "Open the dashboard as http://localhost." },
  origin_not_allowed: {
    title: "Origin not allowed",
    advice: "Open the dashboard from the server's own address.",
  },
  not_found: { title: "It does not exist", advice: "It may have been deleted. Go back to the list." },
  method_not_allowed: {
    title: "Not possible here",
    advice: "Reload the page: the server may have been updated.",
  },
  conflict: { title: "Not possible now", advice: "Its state has changed meanwhile. Reload and look again." },
  name_taken: { title: "The name is taken", advice: "Choose another name." },
  request_in_progress: {
    title: "It is being done already",
    advice: "Wait some seconds before doing it again.",
  },
  too_large: { title: "It is too large", advice: "Split it into smaller parts." },
  unsupported_media_type: { title: "Kind of file not accepted", advice: "Use a CSV file." },
  validation_failed: {
    title: "Something has to be put right",
    advice: "Correct what is pointed out and try again.",
  },
  unknown_device: { title: "Unknown device", advice: "Choose another device from the list." },
  unknown_pool: { title: "Unknown or empty pool", advice: "Choose another pool, or put devices into it." },
  unknown_template: { title: "Unknown template", advice: "Choose another template from the list." },
  template_invalid: {
    title: "The text has a mistake",
    advice: "Look at the braces: {{name}} or {{name|value}}.",
  },
  no_valid_recipients: {
    title: "Nobody to write to",
    advice: "Every row was rejected. Look at the reasons and correct the file.",
  },
  provider_refused: {
    title: "The provider does not accept it",
    advice: "Check the credentials with the provider.",
  },
  idempotency_key_reused: { title: "Repeated with other data", advice: "Reload the page and do it again." },
  too_many_requests: { title: "Too many requests", advice: "Wait a minute and try again." },
  internal: {
    title: "Something failed in the server",
    advice: "Try again; if it goes on, give support the id.",
  },
  unavailable: { title: "Not available now", advice: "It usually passes soon. Try again in some seconds." },
  not_configured: { title: "The server is not set up for it", advice: "Tell whoever runs the installation." },
  worker_timeout: { title: "No worker answered", advice: "See in Fleet and queues whether workers run." },
};

export const problemTexts = defineTexts(
  {
    codes: es,
    unreachable: { title: "El servidor no contesta", advice: "Comprueba la conexión; se reintentará." },
    unexpected: { title: "Algo salió mal", advice: "Vuelve a intentarlo o recarga la página." },
    requestId: (id: string) => `Identificador: ${id}`,
    again: "Reintentar",
    close: "Cerrar",
  },
  {
    codes: en,
    unreachable: {
      title: "The server does not answer",
      advice: "Check the connection; it will be tried again.",
    },
    unexpected: { title: "Something went wrong", advice: "Try again or reload the page." },
    requestId: (id: string) => `Id: ${id}`,
    again: "Try again",
    close: "Close",
  },
);
