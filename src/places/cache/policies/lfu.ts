/**
 * Least frequently used, the least recently used among equals, each in constant time (Shah, Mitra, Matani: An O(1) algorithm for implementing
 * the LFU cache eviction scheme, 2010). A scan cannot displace what is read often; what was read often once stays long after.
 */
import type { CacheKey } from "../key.ts";
import type { EvictionPolicy } from "../policy.ts";

export class Lfu implements EvictionPolicy {
  readonly name = "lfu";
  readonly #uses = new Map<CacheKey, number>();
  /** Keys by uses, those of one number in the order of their last use. */
  readonly #byUses = new Map<number, Set<CacheKey>>();
  #fewest = 1;

  added(key: CacheKey): void {
    if (this.#uses.has(key)) return this.touched(key);
    this.#put(key, 1);
    this.#fewest = 1;
  }

  touched(key: CacheKey): void {
    const uses = this.#uses.get(key);
    if (uses === undefined) return;
    this.#take(key, uses);
    this.#put(key, uses + 1);
  }

  removed(key: CacheKey): void {
    const uses = this.#uses.get(key);
    if (uses === undefined) return;
    this.#take(key, uses);
    this.#uses.delete(key);
  }

  victim(): CacheKey | undefined {
    if (this.#uses.size === 0) return undefined;
    if (!this.#byUses.has(this.#fewest)) this.#fewest = Math.min(...this.#byUses.keys());
    const [key] = this.#byUses.get(this.#fewest) as Set<CacheKey>;
    this.removed(key as CacheKey);
    return key;
  }

  #put(key: CacheKey, uses: number): void {
    this.#uses.set(key, uses);
    const peers = this.#byUses.get(uses);
    if (peers) peers.add(key);
    else this.#byUses.set(uses, new Set([key]));
  }

  #take(key: CacheKey, uses: number): void {
    const peers = this.#byUses.get(uses) as Set<CacheKey>;
    peers.delete(key);
    if (peers.size > 0) return;
    this.#byUses.delete(uses);
    if (this.#fewest === uses) this.#fewest = uses + 1;
  }
}
