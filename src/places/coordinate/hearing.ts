/** Two hints joined that a ref may have moved: what the catalog knows by itself, and what others tell. */
import type { Catalog } from "../catalog/index.ts";
import { movesTopic } from "./announcing.ts";
import type { Events } from "./events.ts";

/** `changed` resolves at the first of both. Listens until it is disposed of. */
export function hearing(catalog: Pick<Catalog, "changed">, events: Events): Pick<Catalog, "changed"> & Disposable {
  const waiting = new Set<() => void>();
  const listening = events.listen(movesTopic, () => {
    for (const wake of waiting) wake();
  });
  return {
    async changed(signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const over = new AbortController();
      waiting.add(resolve);
      try {
        await Promise.race([promise, catalog.changed(AbortSignal.any([signal, over.signal]))]);
      } finally {
        waiting.delete(resolve);
        over.abort();
      }
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
