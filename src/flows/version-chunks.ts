/** The chunks of a version, for those who count: each digest once, with its raw bytes. */
import { bandsOf } from "../bytes/chunking/index.ts";
import { type ChunkId, digestBytes, digestFromBytes } from "../core/digest.ts";
import type { FileEntry } from "../core/manifest.ts";

export function distinctChunks(files: readonly FileEntry[]): Map<ChunkId, { readonly digest: Uint8Array; readonly rawBytes: number }> {
  const found = new Map<ChunkId, { digest: Uint8Array; rawBytes: number }>();
  for (const file of files)
    for (const band of bandsOf(file.runs))
      for (const { index, bytes } of band.chunks) {
        const digest = file.digests.subarray(index * digestBytes, (index + 1) * digestBytes);
        found.set(digestFromBytes(digest), { digest, rawBytes: bytes });
      }
  return found;
}
