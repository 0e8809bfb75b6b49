import type { SendFailureCode } from "@pregonero/domain";
import { defineTexts } from "../i18n/texts.ts";

/** Codes that the settling of outcomes adds to those of the channels. */
type ErrorCode = SendFailureCode | "outcome_unknown" | "awaiting_ack" | "lease_lost";

const es = {
  not_on_whatsapp: "No tiene WhatsApp",
  invalid_recipient: "Número que no puede recibir",
  rejected: "Rechazado por el proveedor",
  provider_temporary: "Fallo pasajero del proveedor",
  not_started: "No llegó a empezar",
  device_disconnected: "El dispositivo se desconectó",
  device_banned: "WhatsApp bloqueó el dispositivo",
  device_refused: "El proveedor no acepta el dispositivo",
  rate_limited: "Demasiado rápido para el proveedor",
  spam_limited: "Límite de spam del proveedor",
  recipient_rate_limited: "El destinatario recibió demasiados",
  opted_out: "No quiere recibir mensajes",
  needs_template: "Necesita una plantilla aprobada",
  template_rejected: "Plantilla rechazada",
  outcome_unknown: "No se sabe si llegó a salir",
  awaiting_ack: "Esperando el acuse de WhatsApp",
  lease_lost: "El worker se perdió durante el envío",
} satisfies Record<ErrorCode, string>;

const en: Record<keyof typeof es, string> = {
  not_on_whatsapp: "Not on WhatsApp",
  invalid_recipient: "A number that cannot receive",
  rejected: "Rejected by the provider",
  provider_temporary: "Passing failure of the provider",
  not_started: "Never began",
  device_disconnected: "The device was disconnected",
  device_banned: "WhatsApp has banned the device",
  device_refused: "The provider refuses the device",
  rate_limited: "Too fast for the provider",
  spam_limited: "Spam limit of the provider",
  recipient_rate_limited: "The recipient got too many",
  opted_out: "Wants no messages",
  needs_template: "Needs an approved template",
  template_rejected: "Template rejected",
  outcome_unknown: "Nobody knows whether it went out",
  awaiting_ack: "Waiting for WhatsApp's ack",
  lease_lost: "The worker was lost while sending",
};

export const errorTexts = defineTexts({ codes: es }, { codes: en });

/** The code itself when a newer server knows more of them. */
export function errorText(codes: Readonly<Record<keyof typeof es, string>>, code: string): string {
  return Object.hasOwn(codes, code) ? codes[code as keyof typeof es] : code;
}
