/** Where chunks are stored, with all that their deltas stand on: what must be read to have them. */
import { type ChunkId, digestBytes, digestFromBytes } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { DomainName } from "../../core/names.ts";
import type { ChunkIndex, ChunkPlace } from "../../places/catalog/index.ts";

/** Places from the chunk that stands alone to the one that is wanted; the last is the chunk itself. */
export type Chain = readonly ChunkPlace[];

export function packDigests(digests: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(digests.length * digestBytes);
  for (const [index, digest] of digests.entries()) packed.set(digest, index * digestBytes);
  return packed;
}

/** A chain for each digest; undefined where the chunk, or a base under it, is not in the index. */
export async function findChains(index: ChunkIndex, domain: DomainName, digests: readonly Uint8Array[]): Promise<(Chain | undefined)[]> {
  const known = new Map<ChunkId, ChunkPlace | undefined>();
  let missing = digests;
  for (let depth = 0; missing.length > 0 && depth <= limits.chainDepthMax; depth++) {
    const places = await index.places(domain, packDigests(missing));
    for (const [at, digest] of missing.entries()) known.set(digestFromBytes(digest), places[at]);
    missing = places.flatMap((place) => (place?.base && !known.has(digestFromBytes(place.base)) ? [place.base] : []));
  }
  return digests.map((digest) => chainOf(digest, known));
}

function chainOf(digest: Uint8Array, known: ReadonlyMap<ChunkId, ChunkPlace | undefined>): Chain | undefined {
  const chain: ChunkPlace[] = [];
  for (let next: Uint8Array | undefined = digest; next; ) {
    const place = known.get(digestFromBytes(next));
    if (!place || chain.length > limits.chainDepthMax) return undefined;
    chain.unshift(place);
    next = place.base;
  }
  return chain;
}

/** Like `findChains`, but a chunk that is not there is an error. */
export async function requireChains(index: ChunkIndex, domain: DomainName, digests: readonly Uint8Array[]): Promise<Chain[]> {
  const chains = await findChains(index, domain, digests);
  return chains.map((chain, at) => {
    if (chain) return chain;
    throw fault("CHUNK_LOST", `chunk ${digestFromBytes(digests[at] as Uint8Array)} is in no shard that the catalog knows`, {
      advice: "Run `holdfast doctor`; if the catalog is older than the volumes, `holdfast rebuild` finds what they hold.",
    });
  });
}
