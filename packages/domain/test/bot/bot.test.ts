import { describe, expect, test } from "vitest";
import { chooseRule, isOpen, type BotOccasion, type BotRuleTerms } from "../../src/bot/index.ts";

const rule = (more: Partial<BotRuleTerms>): BotRuleTerms => ({
  id: "r",
  kind: "keyword",
  keywords: ["precio"],
  match: "contains",
  cooldownMs: 0,
  ...more,
});
const occasion = (more: Partial<BotOccasion>): BotOccasion => ({
  text: "hola",
  now: new Date("2026-03-10T12:00:00Z"),
  timeZone: "UTC",
  businessHours: [],
  first: false,
  lastAnswers: new Map(),
  ...more,
});

describe("keywords", () => {
  test.each([
    ["¿PRECIO?", "contains", true],
    ["el précio, por favor", "contains", true],
    ["lo aprecio", "contains", false],
    ["precio del corte", "starts_with", true],
    ["el precio", "starts_with", false],
    ["precioso", "starts_with", false],
    ["Precio!", "exact", true],
    ["precio corte", "exact", false],
    ["", "contains", false],
  ] as const)("%j with %s: %s", (text, match, fits) => {
    expect(chooseRule([rule({ match })], occasion({ text })) !== null).toBe(fits);
  });

  test("a message without words fits none, and an empty keyword fits nothing", () => {
    expect(chooseRule([rule({})], occasion({ text: null }))).toBeNull();
    expect(chooseRule([rule({ keywords: ["¡!"] })], occasion({ text: "¡!" }))).toBeNull();
  });
});

test("the first rule that fits answers, and one that answered lately rests", () => {
  const [first, second] = [rule({ id: "1", cooldownMs: 60_000 }), rule({ id: "2", kind: "welcome" })];
  const ask = (more: Partial<BotOccasion>) =>
    chooseRule([first, second], occasion({ text: "precio", first: true, ...more }))?.id;
  expect(ask({})).toBe("1");
  expect(ask({ lastAnswers: new Map([["1", new Date("2026-03-10T11:59:30Z")]]) })).toBe("2");
  expect(ask({ lastAnswers: new Map([["1", new Date("2026-03-10T11:59:00Z")]]) })).toBe("1");
  expect(ask({ text: "hola", first: false })).toBeUndefined();
});

describe("business hours", () => {
  const week = [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" }];
  // 2026-03-10 is a Tuesday.
  test.each([
    ["2026-03-10T09:00:00Z", "UTC", true],
    ["2026-03-10T18:00:00Z", "UTC", false],
    ["2026-03-10T17:30:00Z", "Europe/Madrid", false],
    ["2026-03-10T13:59:00Z", "America/Lima", false],
    ["2026-03-10T14:00:00Z", "America/Lima", true],
    ["2026-03-14T12:00:00Z", "UTC", false],
    ["2026-03-08T23:30:00Z", "Asia/Tokyo", false],
    ["2026-03-09T00:00:00Z", "Asia/Tokyo", true],
  ])("at %s in %s: %s", (now, zone, open) => {
    expect(isOpen(week, zone, new Date(now))).toBe(open);
  });

  test("may go past midnight, and none means always", () => {
    const night = [{ days: [5], from: "20:00", to: "02:00" }];
    const at = (now: string) => isOpen(night, "UTC", new Date(now));
    expect(at("2026-03-13T23:00:00Z")).toBe(true);
    expect(at("2026-03-14T01:59:00Z")).toBe(true);
    expect(at("2026-03-14T02:00:00Z")).toBe(false);
    expect(at("2026-03-13T01:00:00Z")).toBe(false);
    expect(isOpen([], "UTC", new Date())).toBe(true);
  });
});
