/**
 * A number as people and programs write it: `1234.5`, `1,234.50`, `1.234,50`, `12,5`, with a currency before or after.
 *
 * @returns undefined when it is none, or when it can be read in two ways: an amount must not be wrong by a thousand
 */
export function readNumber(text: string): number | undefined {
  const bare = text.replaceAll(/^[^\d+-]+|[^\d]+$/g, "").replaceAll(/[\s\u00A0\u202F']/g, "");
  if (!/^[+-]?[\d.,]+$/.test(bare) || !/\d/.test(bare)) return undefined;
  if (/^[+-]?\d+(\.\d+)?$/.test(bare)) return Number(bare);
  const decimal = bare.lastIndexOf(",") > bare.lastIndexOf(".") ? "," : ".";
  const grouping = decimal === "," ? "." : ",";
  const grouped = new RegExp(`^[+-]?\\d{1,3}(\\${grouping}\\d{3})+(\\${decimal}\\d+)?$`);
  // Several separators of one kind group: 1,234,567 and 1.234.567.
  const onlyGroups = /^[+-]?\d{1,3}(([.,])\d{3})(\2\d{3})+$/;
  if (onlyGroups.test(bare)) return Number(bare.replaceAll(/[.,]/g, ""));
  if (grouped.test(bare)) return Number(bare.replaceAll(grouping, "").replace(decimal, "."));
  if (/^[+-]?\d+,\d+$/.test(bare) && !/^[+-]?\d{1,3},\d{3}$/.test(bare)) {
    return Number(bare.replace(",", "."));
  }
  return undefined;
}

/**
 * A day: `2026-11-25`, with a time of day or not, or day first: `25/11/2026`, `25-11-2026`, `25.11.2026`.
 *
 * @returns midnight UTC of the day as it is written; undefined when there is no such day
 */
export function readDate(text: string): Date | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}.*)?$/.exec(text.trim());
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const dayFirst = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})$/.exec(text.trim());
  if (dayFirst) return dayOf(Number(dayFirst[4]), Number(dayFirst[3]), Number(dayFirst[1]));
  return undefined;
}

function dayOf(year: number, month: number, day: number): Date | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined;
}
