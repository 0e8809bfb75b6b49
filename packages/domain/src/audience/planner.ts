import { explainPhoneProblem, maskPhone, normalizePhone } from "../phones/index.ts";
import {
  missingVariables,
  valueFor,
  variablesOf,
  type Template,
  type TemplateVariables,
} from "../templates/index.ts";

export type RejectionReason =
  | "invalid_number"
  | "missing_phone"
  | "duplicate"
  | "opted_out"
  | "missing_variable"
  | "malformed_row";

export interface Rejection {
  readonly reason: RejectionReason;
  /** For people. */
  readonly detail: string;
  /** As it was given, masked. */
  readonly phone: string;
}

export type PlannedRow =
  | { readonly accepted: true; readonly phone: string; readonly variables: TemplateVariables }
  | { readonly accepted: false; readonly rejection: Rejection };

export interface AudienceOptions {
  readonly template: Template;
  /** For numbers without a country code; ISO 3166, two letters. */
  readonly country?: string | undefined;
}

/**
 * Decides for one recipient after the other whether and with what values they are written to. Remembers the numbers of
 * one audience: the first of two equal ones wins.
 */
export class AudiencePlanner {
  readonly #country: string | undefined;
  readonly #variables;
  /** The holes whose filters may find a value unreadable. */
  readonly #filtered: Template;
  /** Of at most 15 digits, which a double holds exactly: as numbers they take a third of the memory. */
  readonly #seen = new Set<number>();

  constructor(options: AudienceOptions) {
    this.#country = options.country;
    this.#variables = variablesOf(options.template);
    this.#filtered = {
      parts: options.template.parts.filter((part) => part.kind === "variable" && part.filters.length > 0),
    };
  }

  /** @param given values by key; what the template does not use is left out of the plan */
  plan(rawPhone: string, given: TemplateVariables): PlannedRow {
    const normalized = normalizePhone(rawPhone, this.#country);
    if (!normalized.ok) {
      const reason = normalized.reason === "missing" ? "missing_phone" : "invalid_number";
      return reject(reason, `The number ${explainPhoneProblem(normalized.reason)}.`, rawPhone);
    }
    const variables: Record<string, string> = {};
    for (const { key, name, fallback } of this.#variables) {
      const value = valueFor(given, key);
      if (value !== undefined) variables[key] = value;
      else if (fallback === null)
        return reject("missing_variable", `There is no value for {{${name}}}.`, rawPhone);
    }
    const [unreadable] = missingVariables(this.#filtered, variables);
    if (unreadable !== undefined) {
      const detail = `The value of {{${unreadable}}} is none that its filters can read.`;
      return reject("missing_variable", detail, rawPhone);
    }
    const digits = Number(normalized.phone);
    if (this.#seen.has(digits)) return reject("duplicate", "The number was there before.", rawPhone);
    this.#seen.add(digits);
    return { accepted: true, phone: normalized.phone, variables };
  }
}

/** A recipient who asked not to be written to. */
export function optedOut(phone: string): Rejection {
  return {
    reason: "opted_out",
    detail: "The recipient does not want to be written to.",
    phone: maskPhone(phone),
  };
}

function reject(reason: RejectionReason, detail: string, rawPhone: string): PlannedRow {
  return { accepted: false, rejection: { reason, detail, phone: maskPhone(rawPhone) } };
}
