/** How much of an answer's body lay in the caller's memory already when a request failed: those bytes need not be asked for again. */
const laid = new WeakMap<object, number>();

export function markLaid<E extends Error>(error: E, bytes: number): E {
  laid.set(error, bytes);
  return error;
}

/** Of a fault that a `BulkClient` threw; 0 for any other error. */
export function bytesLaid(error: unknown): number {
  return (typeof error === "object" && error !== null && laid.get(error)) || 0;
}
