import { explainPhoneProblem, maskPhone, normalizePhone } from "@pregonero/domain";
import { validationProblem } from "../http/issues.ts";

/**
 * Numbers of a request that is taken as a whole: one that is not valid fails all of it.
 *
 * @param pathOf where in the request the number at an index stands
 * @returns E.164 digits, in the same order
 * @throws ApiProblem `validation_failed` with every number that is not valid
 */
export function validPhones(
  given: readonly (string | number)[],
  country: string | undefined,
  pathOf: (index: number) => string,
): string[] {
  const phones: string[] = [];
  const errors: { path: string; message: string }[] = [];
  given.forEach((raw, index) => {
    const result = normalizePhone(String(raw), country);
    if (result.ok) phones.push(result.phone);
    else
      errors.push({
        path: pathOf(index),
        message: `${quoted(String(raw))}${explainPhoneProblem(result.reason)}`,
      });
  });
  if (errors.length > 0) throw validationProblem(errors);
  return phones;
}

/** Enough to find it again; a whole number would end up wherever errors are shown. */
function quoted(raw: string): string {
  const text = raw.trim();
  if (text === "") return "";
  return /\d{8,}/.test(text.replaceAll(/\D/g, "")) ? `(${maskPhone(text)}) ` : `("${text.slice(0, 20)}") `;
}
