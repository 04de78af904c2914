/** Runs every step of a stream through `around`, for wrappers whose rule holds for one step and not for a stream that its reader may leave standing. */
export async function* stepwise<T>(source: AsyncIterable<T>, around: <R>(step: () => Promise<R>) => Promise<R>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const step = await around(() => iterator.next());
      if (step.done) {
        ended = true;
        return;
      }
      yield step.value;
    }
  } finally {
    if (!ended) abandon(iterator);
  }
}

/** Not waited for: a generator that hangs in a step ends only after that step. */
function abandon(iterator: AsyncIterator<unknown>): void {
  iterator.return?.().catch(() => undefined);
}
