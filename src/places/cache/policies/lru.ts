/** Least recently used: good where what was read will be read again soon; one long scan empties it of all else. */
import type { CacheKey } from "../key.ts";
import type { EvictionPolicy } from "../policy.ts";

export class Lru implements EvictionPolicy {
  readonly name = "lru";
  /** Oldest first: a set keeps the order in which keys were added. */
  readonly #keys = new Set<CacheKey>();

  added(key: CacheKey): void {
    this.#keys.delete(key);
    this.#keys.add(key);
  }

  touched(key: CacheKey): void {
    if (this.#keys.delete(key)) this.#keys.add(key);
  }

  removed(key: CacheKey): void {
    this.#keys.delete(key);
  }

  victim(): CacheKey | undefined {
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
    return oldest;
  }
}
