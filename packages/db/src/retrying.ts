import pg from "pg";

const serializationFailure = "40001";
const deadlockDetected = "40P01";
const attempts = 5;

/**
 * Runs one transaction again when Postgres gave it up for the sake of another (serialization failure, deadlock): such a
 * transaction has changed nothing. Any other error is the caller's.
 */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isLostRace(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
    }
  }
}

function isLostRace(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    (error.code === serializationFailure || error.code === deadlockDetected)
  );
}
