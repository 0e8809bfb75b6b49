export { countryOfPhone } from "./country.ts";
export { explainPhoneProblem } from "./explain.ts";
export { maskPhone } from "./mask.ts";
export { normalizePhone, type NormalizedPhone, type PhoneProblem } from "./normalize.ts";
