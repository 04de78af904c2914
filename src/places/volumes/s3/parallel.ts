/** The same work on many things, a bounded number at once. */

/**
 * Resolves when all is done. At the first failure what runs is told to stop, and it throws that failure when all of it has: then
 * the memory that the work was given is free.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  max: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const joined = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const iterator = items[Symbol.iterator]();
  const run = async (): Promise<void> => {
    try {
      for (let next = iterator.next(); !next.done && !stop.signal.aborted; next = iterator.next()) await work(next.value, joined);
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: max }, run));
  if (failures.length > 0) throw failures[0];
}
