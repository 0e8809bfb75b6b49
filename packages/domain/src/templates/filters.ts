import { readDate, readNumber } from "./read-values.ts";

/** What a filter makes of a value. `undefined` is "no value": what cannot be read counts as missing. */
export type Filter = (value: string | undefined) => string | undefined;

/** Told to the author of a template whose filter cannot be had. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

interface Definition {
  readonly most: number;
  readonly make: (args: readonly string[]) => Filter;
}

const defaultLocale = "es";
const longestDefault = 1_000;

/** A filter that leaves "no value" as it is. */
const onText =
  (change: (value: string) => string | undefined): Filter =>
  (value) =>
    value === undefined ? undefined : change(value);

const plain = (change: (value: string) => string): Definition => ({ most: 0, make: () => onText(change) });

const definitions: Readonly<Record<string, Definition>> = {
  upper: plain((value) => value.toUpperCase()),
  lower: plain((value) => value.toLowerCase()),
  /** Each word, as names are written: `ANA MARÍA` becomes `Ana María`. */
  capitalize: plain((value) =>
    value.replaceAll(
      /\p{L}[\p{L}\p{M}]*/gu,
      (word) => word.slice(0, firstLetter(word)).toUpperCase() + word.slice(firstLetter(word)).toLowerCase(),
    ),
  ),
  trim: plain((value) => value.trim().replaceAll(/\s+/g, " ")),
  first_word: plain((value) => value.trim().split(/\s+/)[0] ?? ""),
  truncate: { most: 1, make: ([length]) => truncate(wholeNumber("truncate", length, 1, 1_024)) },
  number: {
    most: 2,
    make: ([decimals, locale]) => {
      const digits = decimals === undefined ? undefined : wholeNumber("number", decimals, 0, 10);
      return numbers(
        locale,
        digits === undefined
          ? { maximumFractionDigits: 10 }
          : { minimumFractionDigits: digits, maximumFractionDigits: digits },
      );
    },
  },
  currency: {
    most: 2,
    make: ([currency, locale]) => {
      if (currency === undefined || !/^[A-Z]{3}$/.test(currency)) {
        throw new FilterError('currency needs a code of three letters, such as currency:"PEN".');
      }
      return numbers(locale, { style: "currency", currency });
    },
  },
  date: { most: 2, make: ([style = "short", locale]) => dates(style, locale) },
  default: {
    most: 1,
    make: ([text]) => {
      if (text === undefined || text.length > longestDefault) {
        throw new FilterError('default needs a text, such as default:"amigo".');
      }
      return (value) => value ?? text;
    },
  },
};

export const filterNames: readonly string[] = Object.keys(definitions);

export function isFilterName(name: string): boolean {
  return Object.hasOwn(definitions, name);
}

/** @throws FilterError */
export function makeFilter(name: string, args: readonly string[]): Filter {
  const definition = isFilterName(name) ? definitions[name] : undefined;
  if (!definition) {
    throw new FilterError(`"${name}" is not a filter. There are: ${filterNames.join(", ")}.`);
  }
  if (args.length > definition.most) {
    throw new FilterError(`The filter ${name} takes ${definition.most} arguments at most.`);
  }
  return definition.make(args);
}

/** Length of the first letter: some take two units. */
function firstLetter(word: string): number {
  return String.fromCodePoint(word.codePointAt(0) ?? 0).length;
}

function wholeNumber(name: string, given: string | undefined, min: number, max: number): number {
  const value = given !== undefined && /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new FilterError(`The filter ${name} takes a number from ${min} to ${max}.`);
}

function truncate(length: number): Filter {
  return onText((value) => {
    const letters = Array.from(value);
    return letters.length <= length ? value : `${letters.slice(0, length - 1).join("")}…`;
  });
}

function numbers(locale: string | undefined, options: Intl.NumberFormatOptions): Filter {
  // "Always": Spanish leaves the separator of 1234 out, and amounts in one list would look unlike each other.
  const format = withLocale(
    locale,
    (tag) => new Intl.NumberFormat(tag, { useGrouping: "always", ...options }),
  );
  return onText((value) => {
    const number = readNumber(value);
    return number === undefined ? undefined : plainSpaces(format.format(number));
  });
}

const dateStyles = ["short", "medium", "long", "full"] as const;

function dates(style: string, locale: string | undefined): Filter {
  const known = dateStyles.find((one) => one === style);
  if (!known) throw new FilterError(`date takes one of ${dateStyles.join(", ")}.`);
  const options: Intl.DateTimeFormatOptions =
    known === "short" ? { day: "2-digit", month: "2-digit", year: "numeric" } : { dateStyle: known };
  // The day as it is written, wherever this runs.
  const format = withLocale(
    locale,
    (tag) => new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC", calendar: "gregory" }),
  );
  return onText((value) => {
    const date = readDate(value);
    return date === undefined ? undefined : plainSpaces(format.format(date));
  });
}

function withLocale<T>(locale: string | undefined, make: (tag: string) => T): T {
  const tag = (locale ?? defaultLocale).replaceAll("_", "-");
  try {
    return make(tag);
  } catch {
    throw new FilterError(`"${tag}" is not a language such as es or es-PE, or goes with no such currency.`);
  }
}

/** Intl writes narrow and unbreakable spaces, which some phones show as boxes. */
function plainSpaces(text: string): string {
  return text.replaceAll(/[\u00A0\u202F]/g, " ");
}
