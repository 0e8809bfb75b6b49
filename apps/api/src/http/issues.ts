import type { z } from "zod";
import { ApiProblem } from "./problem.ts";

/** Beyond these nobody reads on. */
const errorsShown = 100;
const errorsInDetail = 3;

/** @throws ApiProblem `validation_failed` in words that a person understands */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, whole: string): z.output<S> {
  const parsed = schema.safeParse(value, { error: complaint });
  if (parsed.success) return parsed.data;
  throw validationProblem(
    parsed.error.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message })),
    whole,
  );
}

/** @param whole what the whole input is called: `The body`, `The query` */
export function validationProblem(
  errors: { path: string; message: string }[],
  whole = "The body",
): ApiProblem {
  const sentences = errors
    .slice(0, errorsInDetail)
    .map(({ path, message }) => `${path || whole} ${message}.`);
  const more = errors.length - sentences.length;
  if (more > 0) sentences.push(`And ${more} more.`);
  return new ApiProblem("validation_failed", sentences.join(" "), { errors: errors.slice(0, errorsShown) });
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** The end of a sentence that begins with the name of the field. Messages of the schemas themselves go first. */
function complaint(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `must be ${kindName(issue.expected)}, not ${nameOf(issue.input)}`;
    case "too_small":
      return sizeComplaint(issue.origin, "at least", issue.minimum);
    case "too_big":
      return sizeComplaint(issue.origin, "at most", issue.maximum);
    case "invalid_format":
      return formatComplaint(issue.format);
    case "invalid_value":
      return `must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `has fields that do not belong there: ${issue.keys.join(", ")}`;
    case "invalid_union":
      return issue.discriminator === undefined
        ? "has none of the forms that it may have"
        : "is not one of its kinds";
    case "invalid_key":
      return "has a name that is not allowed";
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_element":
    case "custom":
    default:
      return "is not valid";
  }
}

function sizeComplaint(origin: string, bound: string, size: number | bigint): string {
  if (origin === "string") return size === 1 ? "must not be empty" : `must have ${bound} ${size} characters`;
  if (origin === "array" || origin === "set")
    return `must have ${bound} ${size} ${size === 1 ? "entry" : "entries"}`;
  return `must be ${bound} ${size}`;
}

function formatComplaint(format: string): string {
  if (format === "uuid") return "must be an id (a UUID)";
  if (format === "datetime") return "must be a time such as 2026-01-31T18:00:00Z";
  if (format === "url") return "must be an address such as https://example.com/";
  return `must be a valid ${format}`;
}

const kindNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function kindName(kind: string): string {
  return kindNames[kind] ?? kind;
}

function nameOf(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "number") return Number.isInteger(input) ? "a number" : "a fraction";
  if (typeof input === "boolean") return String(input);
  return kindName(typeof input);
}
