import { z } from "zod";

/** Pieces that request and response schemas are made of. Lengths are in UTF-16 units. */

/** Longest text that WhatsApp carries. */
export const longestMessage = 65_536;

/** Text that Postgres can hold: no NUL, no half of a surrogate pair. */
export function text(limits: { min?: number; max: number }) {
  const { min = 1, max } = limits;
  return z
    .string()
    .max(max)
    .refine((value) => !/[\0\p{Surrogate}]/u.test(value), "has characters that are not text")
    .refine(
      (value) => value.trim().length >= min,
      min === 1 ? "must not be empty" : `must have at least ${min} characters`,
    );
}

/** A name that people give to a thing. */
export const nameSchema = text({ max: 120 }).describe("At most 120 characters.");

export const messageTextSchema = text({ max: longestMessage }).describe("What is sent, as it is.");

/** ISO 8601, UTC. */
export const timeSchema = z.iso.datetime();

/** ISO 8601 with a zone or an offset, in requests. */
export const givenTimeSchema = z.iso.datetime({ offset: true });

export const deviceIdSchema = z.int().min(1).max(2_147_483_647);

export const maskablePhoneSchema = z.string().describe("E.164 digits without +; masked for viewers.");

/** Where a list goes on: take it from the `next_cursor` of the page before. */
const cursorSchema = z.string().min(1).max(500);

export function pageQuery<Shape extends z.ZodRawShape>(filters: Shape) {
  return z.object({
    ...filters,
    limit: queryInt({ min: 1, max: 1_000, default: 50 }).describe("Most items of a page."),
    cursor: cursorSchema.optional().describe("`next_cursor` of the page before."),
  });
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** A device id in a path or a query string. */
export const queryIdSchema = z.coerce.number().int().min(1).max(2_147_483_647);

/** A whole number in a query string. */
export function queryInt(limits: { min: number; max: number; default: number }) {
  return z.coerce.number().int().min(limits.min).max(limits.max).default(limits.default);
}
