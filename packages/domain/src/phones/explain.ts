import type { PhoneProblem } from "./normalize.ts";

/** What is wrong with a number, for the person who typed it: the end of a sentence that begins with the number. */
export function explainPhoneProblem(problem: PhoneProblem): string {
  switch (problem) {
    case "missing":
      return "is empty";
    case "not_a_number":
      return "is not a phone number";
    case "needs_country":
      return "has no country code: write it as +34600123456";
    case "too_short":
      return "is too short for a phone number with country code";
    case "too_long":
      return "is too long for a phone number";
    case "no_such_country":
      return "does not begin with the code of any country";
  }
}
