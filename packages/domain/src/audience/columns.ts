import { variableKey, type TemplateVariable } from "../templates/index.ts";

/** Where in a row what is found. */
export interface AudienceColumns {
  readonly phone: number;
  /** Of each variable that the template uses and the file has: its key and its column. */
  readonly variables: readonly { readonly key: string; readonly column: number }[];
}

export type ColumnsResult =
  | { readonly ok: true; readonly columns: AudienceColumns }
  | { readonly ok: false; readonly detail: string };

/** Names of the column with the number, the surest first. Compared by `variableKey`. */
const phoneNames = [
  "whatsapp",
  "celular",
  "movil",
  "mobile",
  "msisdn",
  "telefono",
  "phone",
  "phone_number",
  "numero_de_telefono",
  "tel",
  "numero",
  "number",
];

/** The name under which a mapping says where the number is. */
const mappedPhone = "phone";

/**
 * Finds the columns of a file by its header.
 *
 * @param mapping column names by what they hold: `phone`, or the name of a variable. Others are found by their own name.
 */
export function findColumns(
  header: readonly string[],
  variables: readonly TemplateVariable[],
  mapping: Readonly<Record<string, string>> = {},
): ColumnsResult {
  const columns = new Map<string, number>();
  header.forEach((name, column) => {
    const key = variableKey(name);
    if (key !== "" && !columns.has(key)) columns.set(key, column);
  });
  const wanted = new Map(Object.entries(mapping).map(([what, name]) => [variableKey(what), name]));
  for (const name of wanted.values()) {
    if (!columns.has(variableKey(name)))
      return refusal(`The file has no column "${name}", which the mapping names.`, header);
  }
  const columnOf = (key: string): number | undefined => columns.get(variableKey(wanted.get(key) ?? key));

  const phone = wanted.has(mappedPhone) ? columnOf(mappedPhone) : first(phoneNames, columns);
  if (phone === undefined) {
    return refusal(
      "The file has no column with the phone numbers: its first line must name one of them phone, telefono, celular, numero, whatsapp, mobile or msisdn, or the mapping must say which it is.",
      header,
    );
  }
  const found = variables.flatMap(({ key }) => {
    const column = columnOf(key);
    return column === undefined ? [] : [{ key, column }];
  });
  const absent = variables.filter(({ key, fallback }) => fallback === null && columnOf(key) === undefined);
  if (absent.length > 0) {
    const names = absent.map(({ name }) => `{{${name}}}`).join(", ");
    return refusal(`The text needs ${names}, and the file has no such column.`, header);
  }
  return { ok: true, columns: { phone, variables: found } };
}

function first(names: readonly string[], columns: ReadonlyMap<string, number>): number | undefined {
  for (const name of names) {
    const column = columns.get(name);
    if (column !== undefined) return column;
  }
  return undefined;
}

const namesShown = 12;
const nameLength = 30;

function refusal(detail: string, header: readonly string[]): ColumnsResult {
  // A header that is in truth a row of data must not put a whole number into an error message.
  const shown = header
    .slice(0, namesShown)
    .map((name) => name.replaceAll(/\d{5,}/g, "…").slice(0, nameLength));
  return {
    ok: false,
    detail: `${detail} Its columns: ${shown.join(", ")}${header.length > namesShown ? ", …" : ""}.`,
  };
}
