export { isOpen, type OpenHours } from "./business-hours.ts";
export { chooseRule, type BotOccasion, type BotRuleTerms } from "./choose-rule.ts";
