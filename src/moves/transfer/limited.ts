/** Works through items side by side, at most `width` at once. The first failure stops the taking of new items; it is thrown when those under way have ended. */
export async function eachLimited<T>(items: Iterable<T> | AsyncIterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const start = (item: T): void => {
    const task = work(item).catch((error: unknown) => {
      failure ??= { error };
    });
    const tracked = task.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  try {
    for await (const item of items) {
      if (failure) break;
      start(item);
      if (underWay.size >= width) await Promise.race(underWay);
    }
  } catch (error) {
    failure ??= { error };
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
}
