/**
 * The net under the rule that no message text and no full phone number reaches a log. Callers are still expected not
 * to hand them over; this catches what they forget.
 */

const phoneKeys = new Set([
  "phone",
  "phones",
  "phonenumber",
  "to",
  "from",
  "recipient",
  "recipients",
  "msisdn",
  "jid",
  "chatid",
]);
const droppedKeys = new Set([
  "text",
  "body",
  "messagetext",
  "variables",
  "credentials",
  "authorization",
  "token",
  "accesstoken",
  "appsecret",
  "verifytoken",
  "secretkey",
  "webhooksecret",
  "password",
  "secret",
  "apikey",
  "cookie",
]);

// Below eight digits it is a count or an id, not a number that somebody can be reached at.
const digitRun = /\+?\d(?:[\s().-]{0,2}\d){7,14}/g;
// In free text only what cannot be anything else: UUIDs and timestamps hold long runs of digits too.
const phoneInText = /(?<![\w+])\+\d{8,15}(?!\w)|(?<!\w)\d{8,15}(?=@(?:c\.us|s\.whatsapp\.net|lid)\b)/g;
const passwordInUrl = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*:[^\s/@]*@/gi;

const deepest = 6;
const longestArray = 100;

/** `+34600123678` → `+34*****678`: enough to tell two numbers apart in a support case, not enough to call one. */
export function maskPhone(phone: string): string {
  const digits = phone.replaceAll(/\D/g, "");
  if (digits.length < 8) return "*****";
  return `${phone.trimStart().startsWith("+") ? "+" : ""}${digits.slice(0, 2)}*****${digits.slice(-3)}`;
}

/** Masks phone numbers and passwords in URLs inside a free text such as an error message. */
export function redactText(text: string): string {
  return text.replaceAll(phoneInText, maskPhone).replaceAll(passwordInUrl, "$1***@");
}

function redactPhoneField(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") return redactPhoneField(String(value));
  if (typeof value === "string") return value.replaceAll(digitRun, maskPhone);
  return value;
}

function describeError(error: Error, depth: number, seen: Set<object>): Record<string, unknown> {
  const code: unknown = Reflect.get(error, "code");
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1, seen) }),
    ...(error instanceof AggregateError ? { errors: redact(error.errors, depth + 1, seen) } : {}),
  };
}

function redactObject(value: object, depth: number, seen: Set<object>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const plainKey = key.replaceAll(/[_-]/g, "").toLowerCase();
    if (droppedKeys.has(plainKey)) continue;
    const masked = phoneKeys.has(plainKey) && Array.isArray(field) ? field.map(redactPhoneField) : field;
    result[key] = redact(phoneKeys.has(plainKey) ? redactPhoneField(masked) : masked, depth + 1, seen);
  }
  return result;
}

/** A copy of `value` that JSON can hold: phones masked, texts and secrets left out, errors spelled out, cycles cut. */
function redact(value: unknown, depth = 0, seen: Set<object> = new Set()): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (seen.has(value)) return "[circular]";
  if (depth > deepest) return "[deep]";
  seen.add(value);
  try {
    if (value instanceof Error) return describeError(value, depth, seen);
    if (value instanceof Map) return redactObject(Object.fromEntries(value), depth, seen);
    if (value instanceof Set || Array.isArray(value)) {
      return Array.from(value)
        .slice(0, longestArray)
        .map((item) => redact(item, depth + 1, seen));
    }
    return redactObject(value, depth, seen);
  } finally {
    seen.delete(value);
  }
}

/** The fields of a log entry, made safe. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0, new Set());
}
