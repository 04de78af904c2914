/** What a chunk is kept under: its domain and its digest. So no tenant is served what only another has, and nothing kept can be stale. */
import { digestFromBytes } from "../../core/digest.ts";
import type { DomainName } from "../../core/names.ts";

declare const brand: unique symbol;
/** `domain/hex`. */
export type CacheKey = string & { readonly [brand]: "cache key" };

export function cacheKey(domain: DomainName, digest: Uint8Array): CacheKey {
  return `${domain}/${digestFromBytes(digest)}` as CacheKey;
}

const digestDigits = 64;

/** The digest in a key, as lower-case hex. */
export function hexOf(key: CacheKey): string {
  return key.slice(-digestDigits);
}

export function domainOfKey(key: CacheKey): string {
  return key.slice(0, -digestDigits - 1);
}
