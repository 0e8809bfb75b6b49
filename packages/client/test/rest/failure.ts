import { PregoneroError } from "../../src/index.ts";

/** What a call fails with. Rejects when it does not fail. */
export const failure = async (promise: Promise<unknown>): Promise<PregoneroError> =>
  await promise.then(
    () => Promise.reject(new Error("did not fail")),
    (error: unknown) => (error instanceof PregoneroError ? error : Promise.reject(error)),
  );
