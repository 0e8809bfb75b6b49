import { bareWords } from "../text/bare-words.ts";
import { isOpen, type OpenHours } from "./business-hours.ts";

export interface BotRuleTerms {
  readonly id: string;
  readonly kind: "keyword" | "away" | "welcome";
  readonly keywords: readonly string[];
  readonly match: "exact" | "starts_with" | "contains";
  /** How long it does not answer the same conversation again, ms; 0: it always may. */
  readonly cooldownMs: number;
}

/** What is known of a message when the bot looks at it. */
export interface BotOccasion {
  readonly text: string | null;
  readonly now: Date;
  readonly timeZone: string;
  readonly businessHours: readonly OpenHours[];
  /** It is the first of its conversation. */
  readonly first: boolean;
  /** When each rule last answered in this conversation. */
  readonly lastAnswers: ReadonlyMap<string, Date>;
}

/** The first rule that fits, in the order given; null when none does. */
export function chooseRule<Rule extends BotRuleTerms>(
  rules: readonly Rule[],
  occasion: BotOccasion,
): Rule | null {
  const said = bareWords(occasion.text ?? "");
  return rules.find((rule) => fits(rule, said, occasion) && hasRested(rule, occasion)) ?? null;
}

function fits(rule: BotRuleTerms, said: string, occasion: BotOccasion): boolean {
  switch (rule.kind) {
    case "keyword":
      return said !== "" && rule.keywords.some((keyword) => holds(said, bareWords(keyword), rule.match));
    case "away":
      return !isOpen(occasion.businessHours, occasion.timeZone, occasion.now);
    case "welcome":
      return occasion.first;
  }
}

/** Word by word: "precio" is not in "aprecio". */
function holds(said: string, keyword: string, match: BotRuleTerms["match"]): boolean {
  if (keyword === "") return false;
  switch (match) {
    case "exact":
      return said === keyword;
    case "starts_with":
      return `${said} `.startsWith(`${keyword} `);
    case "contains":
      return ` ${said} `.includes(` ${keyword} `);
  }
}

function hasRested(rule: BotRuleTerms, { now, lastAnswers }: BotOccasion): boolean {
  const last = lastAnswers.get(rule.id);
  return last === undefined || now.getTime() - last.getTime() >= rule.cooldownMs;
}
