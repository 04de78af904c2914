/**
 * Work that goes on behind a call that already failed: nothing can call back a read that hangs in the kernel. It may
 * still write into the memory that it was given, so that memory must not be used for anything else before it ends.
 */
const late = new WeakMap<object, Promise<void>>();

export function markLate<E extends Error>(error: E, work: Promise<unknown>): E {
  late.set(
    error,
    work.then(
      () => undefined,
      () => undefined,
    ),
  );
  return error;
}

/** Resolves when the work behind a failed call has ended; undefined where it had ended before the call failed. */
export function lateWork(error: unknown): Promise<void> | undefined {
  return typeof error === "object" && error !== null ? late.get(error) : undefined;
}
