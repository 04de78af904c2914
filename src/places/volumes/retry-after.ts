/** A place may say when it wants to be asked again. Its driver notes that on the error, and whoever tries again does not come earlier. */
const pauses = new WeakMap<object, number>();

export function markRetryAfter<E extends Error>(error: E, ms: number): E {
  pauses.set(error, ms);
  return error;
}

/** Milliseconds; 0 where nothing was said. */
export function retryAfterMs(error: unknown): number {
  return typeof error === "object" && error !== null ? (pauses.get(error) ?? 0) : 0;
}
