/** What people write to be left alone, in the languages of the product; compared without case, accents and marks. */
const words: ReadonlySet<string> = new Set([
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
]);

/** Longer texts are no bare word; not looked at closely. */
const longestText = 64;

/**
 * Whether somebody asks for no more messages. The whole text must say so: "no quiero cancelar mi cita" is an answer, not
 * an objection.
 */
export function asksToStop(text: string): boolean {
  if (text.length > longestText) return false;
  const said = text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return words.has(said);
}
