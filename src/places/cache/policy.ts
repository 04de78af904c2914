/** WHICH GOES FIRST when a tier is full. A policy knows keys and nothing else: the tier counts bytes, and asks for victims until there is room. */
import type { CacheKey } from "./key.ts";

export const policyNames = ["lru", "lfu", "random", "sieve"] as const;
export type PolicyName = (typeof policyNames)[number];

export interface EvictionPolicy {
  readonly name: PolicyName;
  /** The key is new. A key that is known already counts as touched. */
  added(key: CacheKey): void;
  /** The key was read. Does nothing for a key that is not known. */
  touched(key: CacheKey): void;
  /** The key is gone, or must not be chosen any more. */
  removed(key: CacheKey): void;
  /** Chooses a key and forgets it; undefined when it knows none. */
  victim(): CacheKey | undefined;
}
