import { throwIfCancelled } from "../../../core/errors.ts";
import { type Count, type Counters, countersPerGroupMax } from "../counters.ts";

/** Dropping the least is a sort of the whole group, so it is done for many at once. */
const spareCounters = countersPerGroupMax / 10;

export class EmbeddedCounters implements Counters {
  readonly #groups = new Map<string, Map<string, number>>();

  async add(group: string, counts: readonly Count[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    const counters = this.#groups.get(group) ?? new Map<string, number>();
    this.#groups.set(group, counters);
    for (const { name, count } of counts) counters.set(name, (counters.get(name) ?? 0) + count);
    if (counters.size > countersPerGroupMax + spareCounters) this.#groups.set(group, new Map(highest(counters, countersPerGroupMax)));
  }

  async read(group: string, names: readonly string[]): Promise<readonly number[]> {
    return names.map((name) => this.#groups.get(group)?.get(name) ?? 0);
  }

  async top(group: string, limit: number): Promise<readonly Count[]> {
    return highest(this.#groups.get(group) ?? new Map(), limit).map(([name, count]) => ({ name, count }));
  }
}

function highest(counters: ReadonlyMap<string, number>, limit: number): (readonly [string, number])[] {
  return [...counters].sort(([, a], [, b]) => b - a).slice(0, limit);
}
