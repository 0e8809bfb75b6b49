import { bareWords } from "../text/bare-words.ts";

/** What people write to be left alone, in the languages of the product; a tenant may have words of its own instead. */
export const defaultOptOutWords: readonly string[] = [
  "baja",
  "dar de baja",
  "darme de baja",
  "quiero darme de baja",
  "alto",
  "parar",
  "salir",
  "cancelar",
  "cancelar suscripcion",
  "no molestar",
  "no mas mensajes",
  "no enviar mas",
  "stop",
  "stop all",
  "stopall",
  "end",
  "quit",
  "cancel",
  "optout",
  "opt out",
  "unsubscribe",
  "sair",
  "parar mensagens",
  "descadastrar",
];

/** Longer texts are no bare word; not looked at closely. */
const longestText = 64;

/**
 * Whether somebody asks for no more messages. The whole text must say so: "no quiero cancelar mi cita" is an answer, not
 * an objection. Compared without case, accents and marks.
 */
export function asksToStop(text: string, words: readonly string[] = defaultOptOutWords): boolean {
  if (text.length > longestText) return false;
  const said = bareWords(text);
  return said !== "" && words.some((word) => bareWords(word) === said);
}
