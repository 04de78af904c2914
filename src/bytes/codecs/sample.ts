/** A small share of a chunk that stands for the whole, and what it would cost at best. */
import type { Tools } from "./room.ts";

const rowBytes = 512;
const sampleBytesMin = 4096;
const shareMax = 32;

/** Evenly spread rows of whole elements: 1/32 of the bytes, more of a short chunk. Lies in the room, or is `bytes` itself. */
export function sampleRows(tools: Tools, bytes: Uint8Array, elementBytes: number): Uint8Array {
  const share = Math.min(shareMax, Math.floor(bytes.length / sampleBytesMin));
  const row = Math.max(1, Math.floor(rowBytes / elementBytes)) * elementBytes;
  const rows = Math.floor(bytes.length / (row * share));
  if (share < 2 || rows < 2) return bytes.subarray(0, bytes.length - (bytes.length % elementBytes));
  const sample = tools.room.take(rows * row);
  tools.kernels.gather(bytes, row * share, row, rows, sample);
  return sample;
}

/** Σ count · log2(total / count): the bits that an ideal coder of single symbols needs. */
export function entropyBits(counts: Uint32Array): number {
  let total = 0;
  let weighted = 0;
  for (const count of counts) {
    if (count === 0) continue;
    total += count;
    weighted += count * Math.log2(count);
  }
  return total === 0 ? 0 : total * Math.log2(total) - weighted;
}
