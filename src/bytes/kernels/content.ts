/** The parameters of the content cut, shared by both drivers. Changing one changes every cut, and with it what deduplicates. */
import { limits } from "../../core/limits.ts";

/** A cut below the average length needs 20 zero bits, above it 16: two more and two fewer than the 18 of 256 KiB. */
export const strictMask = 0x7ffff80000000000n;
export const looseMask = 0x7fff800000000000n;

/** Length of the first chunk of `bytes`, or 0 when its end is not among them. */
export type FirstCut = (bytes: Uint8Array) => number;

export function cutAll(bytes: Uint8Array, atEnd: boolean, firstCut: FirstCut): number[] {
  const lengths: number[] = [];
  let at = 0;
  for (;;) {
    const rest = bytes.subarray(at);
    const length = firstCut(rest) || (atEnd ? Math.min(rest.length, limits.contentChunkBytesMax) : 0);
    if (length === 0) return lengths;
    lengths.push(length);
    at += length;
  }
}
