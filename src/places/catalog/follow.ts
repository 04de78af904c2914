/** The ref log as it grows: what those read who keep something that a moved ref makes stale. */
import { throwIfCancelled } from "../../core/errors.ts";
import type { Catalog, RefLogEntry } from "./catalog.ts";

const pageEntries = 1000;

/**
 * Every entry of the ref log after a sequence number, in order, each once, for as long as the signal lets it: those that are there, then
 * those to come. Who was away goes on with the last number that was seen. Throws CANCELLED, and CATALOG_UNREACHABLE when the catalog stays away.
 */
export async function* followChanges(catalog: Pick<Catalog, "changes" | "changed">, after: number, signal: AbortSignal): AsyncGenerator<RefLogEntry, never> {
  for (let last = after; ; ) {
    throwIfCancelled(signal);
    const round = new AbortController();
    // Asked before looking, so that what happens in between is not slept through.
    const news = catalog.changed(AbortSignal.any([signal, round.signal]));
    news.catch(() => undefined);
    try {
      const entries = await catalog.changes(last, pageEntries);
      for (const entry of entries) yield entry;
      last = entries.at(-1)?.sequence ?? last;
      if (entries.length === 0) await news;
    } finally {
      round.abort();
    }
  }
}
