/** Texts of one part of the dashboard, in both languages; what needs a value is a function. */
export interface TextTree {
  readonly [name: string]: string | ((...values: never[]) => string) | TextTree;
}

/** The same names with the same values to fill in, in other words. */
export type Translated<T> = {
  readonly [Name in keyof T]: T[Name] extends string
    ? string
    : T[Name] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : Translated<T[Name]>;
};

export interface Texts<T> {
  readonly es: Translated<T>;
  readonly en: Translated<T>;
}

/** Spanish says what there is to say; an English name that is missing or too many does not compile. */
export function defineTexts<const T extends TextTree>(es: T, en: Translated<T>): Texts<T> {
  // The literal types of the Spanish texts are of no use to anybody.
  return { es: es as unknown as Translated<T>, en };
}
