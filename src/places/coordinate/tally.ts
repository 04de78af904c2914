/** Counts that are collected here and added to the counters in batches: when there are many, when the last batch is some seconds old, and at the end. */
import { isFault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import type { Counters } from "./counters.ts";

const namesMax = 5000;
const batchEveryMs = 5000;
/** How long the end of the process is held up by what is not yet added. */
const flushMsMax = 1000;

export class Tally implements AsyncDisposable {
  readonly #counters: Counters;
  readonly #world: World;
  #counts = new Map<string, Map<string, number>>();
  #names = 0;
  #flushedMs: number;
  #flushing: Promise<void> = Promise.resolve();
  #busy = false;
  readonly #over = new AbortController();

  constructor(counters: Counters, world: World) {
    this.#counters = counters;
    this.#world = world;
    this.#flushedMs = world.ticks();
  }

  count(group: string, names: readonly string[]): void {
    const counts = this.#counts.get(group) ?? new Map<string, number>();
    this.#counts.set(group, counts);
    for (const name of names) {
      const before = counts.get(name);
      if (before === undefined) this.#names++;
      counts.set(name, (before ?? 0) + 1);
    }
    // A batch that takes so long that the next is full has lost that one.
    if (this.#names >= namesMax && this.#busy) this.#taken();
    else if (!this.#busy && (this.#names >= namesMax || this.#world.ticks() - this.#flushedMs >= batchEveryMs)) void this.flush();
  }

  /** Resolves when what was counted until now is added, or lost. */
  flush(): Promise<void> {
    const counts = this.#taken();
    this.#busy = true;
    this.#flushing = this.#flushing.then(() => this.#add(counts)).finally(() => (this.#busy = false));
    return this.#flushing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = new AbortController();
    await Promise.race([this.flush(), this.#world.sleep(flushMsMax, timer.signal).catch(() => undefined)]);
    timer.abort();
    this.#over.abort();
    await this.#flushing;
  }

  #taken(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    const counts = this.#counts;
    this.#counts = new Map();
    this.#names = 0;
    this.#flushedMs = this.#world.ticks();
    return counts;
  }

  async #add(groups: ReadonlyMap<string, ReadonlyMap<string, number>>): Promise<void> {
    for (const [group, counts] of groups)
      try {
        const list = [...counts].map(([name, count]) => ({ name, count }));
        await this.#counters.add(group, list, this.#over.signal);
      } catch (error) {
        if (!isFault(error)) throw error;
      }
  }
}
