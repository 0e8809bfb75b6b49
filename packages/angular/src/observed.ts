import { defer, type Observable } from "rxjs";

/** The same methods, each giving an Observable: the call is made when somebody subscribes, once for each. */
export type Observed<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => Promise<unknown> ? K : never]: T[K] extends (
    ...args: infer Args
  ) => Promise<infer Result>
    ? (...args: Args) => Observable<Result>
    : never;
};

type Method = (...args: unknown[]) => Promise<unknown>;

export function observed<T extends object>(resource: T): Observed<T> {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter(
    (name) => name !== "constructor",
  );
  const entries = methods.map((name) => {
    const method = Reflect.get(resource, name) as Method;
    return [name, (...args: unknown[]) => defer(() => method.apply(resource, args))] as const;
  });
  return Object.fromEntries(entries) as unknown as Observed<T>;
}
