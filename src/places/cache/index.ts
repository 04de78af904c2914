/**
 * Tiers of cache for chunks: memory, a folder, Redis; the policies by which they forget, and their composition into one cache that is
 * read through and written behind. All of it is a hint: verifying what is read, and reading volumes where nothing is found, is for transfer.
 */
export { ChunkCache, type Found, type Fresh, noCache } from "./cache.ts";
export { type CacheKey, cacheKey } from "./key.ts";
export type { TierSettings } from "./tier-settings.ts";
