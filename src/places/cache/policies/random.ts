/** Any key at all: what every other policy has to beat, and hard to beat where a loop is a little longer than the cache. */
import type { CacheKey } from "../key.ts";
import type { EvictionPolicy } from "../policy.ts";

export class RandomChoice implements EvictionPolicy {
  readonly name = "random";
  readonly #random: () => number;
  readonly #keys: CacheKey[] = [];
  readonly #at = new Map<CacheKey, number>();

  /** `random`: uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  added(key: CacheKey): void {
    if (this.#at.has(key)) return;
    this.#at.set(key, this.#keys.length);
    this.#keys.push(key);
  }

  touched(): void {}

  /** The last key takes the place of the one that goes. */
  removed(key: CacheKey): void {
    const at = this.#at.get(key);
    if (at === undefined) return;
    this.#at.delete(key);
    const last = this.#keys.pop() as CacheKey;
    if (last === key) return;
    this.#keys[at] = last;
    this.#at.set(last, at);
  }

  victim(): CacheKey | undefined {
    const key = this.#keys[Math.floor(this.#random() * this.#keys.length)];
    if (key !== undefined) this.removed(key);
    return key;
  }
}
