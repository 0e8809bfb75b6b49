import fc from "fast-check";

/** Who acts: one of two workers. */
export type Who = "a" | "b";

/** One thing that happens. Each is possible at any moment; where it makes no sense it does nothing. */
export type Step =
  /** The worker asks for devices; the answer comes `lateMs` after the asking. */
  | { readonly do: "acquire" | "renew"; readonly who: Who; readonly lateMs: number }
  | { readonly do: "claim"; readonly who: Who; readonly limit: number }
  /** The claim is committed, and the worker dies before it learns of it. */
  | { readonly do: "claim, die"; readonly who: Who; readonly limit: number }
  /** The worker calls the provider for one claim that it holds. */
  | { readonly do: "begin"; readonly who: Who }
  /** The provider gets to one of the calls that were made, whoever made it and whether or not it lives. */
  | { readonly do: "deliver" }
  /** The worker writes down how one of its calls ended. */
  | { readonly do: "record"; readonly who: Who }
  /** It writes the same again: its first try was committed, and nobody told it. */
  | { readonly do: "record again"; readonly who: Who }
  | { readonly do: "settle"; readonly who: Who }
  | { readonly do: "release"; readonly who: Who }
  | { readonly do: "crash"; readonly who: Who }
  /** Somebody ends all leases by hand while their holders are at work. */
  | { readonly do: "steal" }
  /** What the reconciler of any worker does. */
  | { readonly do: "reconcile" }
  | { readonly do: "pause" | "resume" }
  | { readonly do: "time passes"; readonly ms: number };

export const leaseMs = 10_000;

const who = fc.constantFrom<Who>("a", "b");
const lateMs = fc.constantFrom(0, 1_000, leaseMs - 1_000);
const limit = fc.integer({ min: 1, max: 4 });

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("acquire"), who, lateMs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("renew"), who, lateMs }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("claim"), who, limit }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("claim, die"), who, limit }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("begin"), who }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver") }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("record", "record again"), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle"), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("release"), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash"), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("reconcile") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("pause", "resume", "steal") }) },
) as fc.Arbitrary<Step>;

const time: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("time passes"),
  ms: fc.constantFrom(500, 3_000, leaseMs, 25_000),
});

/** A history: moments in order, in each of which one thing happens, or two at the same time. */
export const histories: fc.Arbitrary<readonly (readonly Step[])[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.tuple(act) },
    { weight: 4, arbitrary: fc.tuple(act, act) },
    { weight: 2, arbitrary: fc.tuple(time) },
  ),
  { minLength: 10, maxLength: 60, size: "max" },
);
