/** One filler for each chunk in the process: who comes second waits for the first instead of fetching too. */
import type { CacheKey } from "./key.ts";

export interface Claim extends Disposable {
  /** For each key whether it is the claimer's to fetch. */
  readonly mine: readonly boolean[];
  /** Settled when those who fetch the other keys have ended, however that was. Only to be waited for when one's own are done: two could wait for each other. */
  readonly others: Promise<unknown>;
}

export class Flights {
  readonly #underWay = new Map<CacheKey, Promise<void>>();

  /** Takes the keys that nobody is fetching, until it is disposed of. */
  claim(keys: readonly CacheKey[]): Claim {
    const { promise, resolve } = Promise.withResolvers<void>();
    const others = new Set<Promise<void>>();
    const mine = keys.map((key) => {
      const other = this.#underWay.get(key);
      if (other === undefined) this.#underWay.set(key, promise);
      else if (other !== promise) others.add(other);
      return other === undefined;
    });
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      for (const [index, key] of keys.entries()) if (mine[index]) this.#underWay.delete(key);
      resolve();
    };
    return { mine, others: Promise.all(others), [Symbol.dispose]: end };
  }
}
