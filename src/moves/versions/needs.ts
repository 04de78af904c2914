/** The objects that the chunks of some files stand on, including those of the bases of their deltas. */
import { digestBytes } from "../../core/digest.ts";
import type { FileEntry } from "../../core/manifest.ts";
import type { DomainName } from "../../core/names.ts";
import type { ChunkIndex, ObjectId } from "../../places/catalog/index.ts";
import { requireChains } from "../transfer/index.ts";

const chunksAtOnce = 4096;

/** Throws CHUNK_LOST when a chunk is in no shard: nothing is committed that could not be loaded. */
export async function needsOf(index: ChunkIndex, domain: DomainName, files: readonly FileEntry[]): Promise<Set<ObjectId>> {
  const needs = new Set<ObjectId>();
  let digests: Uint8Array[] = [];
  const look = async (): Promise<void> => {
    for (const chain of await requireChains(index, domain, digests)) for (const place of chain) needs.add(place.object);
    digests = [];
  };
  for (const file of files)
    for (let at = 0; at < file.digests.length; at += digestBytes) {
      digests.push(file.digests.subarray(at, at + digestBytes));
      if (digests.length === chunksAtOnce) await look();
    }
  await look();
  return needs;
}
