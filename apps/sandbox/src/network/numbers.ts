/**
 * Which numbers have a phone behind them. A rule is a whole number (`34600123456`), an ending (`*0000`) or a regular
 * expression between slashes (`/^3460/`).
 */
export type NumberRule = string;

/** E.164 digits, without the plus. */
const wellFormed = /^\d{8,15}$/;

export function isWellFormed(phone: string): boolean {
  return wellFormed.test(phone);
}

/** @throws SyntaxError when the expression between the slashes is not valid. */
export function compileRule(rule: NumberRule): (phone: string) => boolean {
  if (rule.length > 2 && rule.startsWith("/") && rule.endsWith("/")) {
    const expression = new RegExp(rule.slice(1, -1));
    return (phone) => expression.test(phone);
  }
  if (rule.startsWith("*")) {
    const ending = rule.slice(1);
    return (phone) => phone.endsWith(ending);
  }
  return (phone) => phone === rule;
}

const lidPrefix = "2";

const complement = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));

/**
 * The account's LID: the identifier that WhatsApp uses in place of the number. Derived from the number, so that every
 * part of the network agrees on it without keeping a table.
 */
export function lidOf(phone: string): string {
  return lidPrefix + complement(phone);
}

/**
 * The number behind a wid such as `34600123456@c.us` or `265399876543@lid`; null when it names no phone (a group, or
 * what wa-js makes of a number that is not bare digits: `+34 600…@undefined`).
 */
export function phoneOfWid(wid: string): string | null {
  const [user = "", server] = wid.split("@");
  if (server === "c.us") return isWellFormed(user) ? user : null;
  if (server === "lid" && user.startsWith(lidPrefix)) {
    const phone = complement(user.slice(lidPrefix.length));
    return isWellFormed(phone) ? phone : null;
  }
  return null;
}
