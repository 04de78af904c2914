/**
 * Chunks that no cache has, fetched by one process while others wait for them. Nobody holds a lock while waiting for another's, so
 * none can wait for each other; and whoever has waited long enough fetches too.
 */
import type { Fillers, FillWait } from "../../places/coordinate/index.ts";
import type { Held } from "../../places/coordinate/locks.ts";

export interface Filling<T> {
  /** Takes what the cache has by now, and returns the rest. */
  readonly recall: (items: readonly T[]) => Promise<readonly T[]>;
  /** From volumes, and into the cache. */
  readonly fetch: (items: readonly T[]) => Promise<void>;
  /** Resolves when they are where other processes find them, or will not be. */
  readonly kept: (items: readonly T[]) => Promise<void>;
}

export async function fillInTurn<T extends { readonly key: string }>(
  fillers: Fillers,
  items: readonly T[],
  filling: Filling<T>,
  signal: AbortSignal,
): Promise<void> {
  using wait = fillers.wait();
  let left = await fillFree(fillers, items, filling, undefined, signal);
  while (left.length > 0) {
    if (!(await wait.more(signal))) return await filling.fetch(left);
    const missing = await filling.recall(left);
    if (missing.length < left.length) wait.came();
    left = await fillFree(fillers, missing, filling, wait, signal);
  }
}

/** Fetches those that nobody is fetching, and returns the others. */
async function fillFree<T extends { readonly key: string }>(
  fillers: Fillers,
  items: readonly T[],
  { recall, fetch, kept }: Filling<T>,
  wait: FillWait | undefined,
  signal: AbortSignal,
): Promise<readonly T[]> {
  if (items.length === 0) return items;
  const answers = await fillers.take(
    items.map(({ key }) => key),
    signal,
  );
  const free = items.filter((_, index) => answers[index]);
  const held = answers.filter((answer): answer is Held => answer !== undefined);
  let written = Promise.resolve();
  try {
    // Another may have left them between the look into the cache and the lock.
    const missing = free.length === 0 ? free : await recall(free);
    if (missing.length < free.length) wait?.came();
    if (missing.length > 0) wait?.inVain();
    if (missing.length > 0) await fetch(missing);
    written = kept(missing);
  } finally {
    fillers.release(held, written);
  }
  return items.filter((_, index) => !answers[index]);
}
