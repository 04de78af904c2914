/**
 * The kernels: plain functions on byte offsets of a shared memory that the host brings. They trust their arguments (the
 * face in src/bytes/kernels checks those) and never trust stored bytes. `ws` is the workspace of the calling thread.
 */
import { prepareGear } from "./content";
import { prepareSparse } from "./sparse";

export { mergeBf16, mergeF32, merge16, splitBf16, splitF32, split16 } from "./planes";
export { equal, gather, scatter } from "./rows";
export { compact16, compact32, countMask, countZeros16, countZeros32, expand16, expand32 } from "./sparse";
export { countBytes } from "./huffman/histogram";
export { encodeHuffman } from "./huffman/encode";
export { decodeHuffman } from "./huffman/decode";
export { countDelta16, countDelta32, encodeDelta16, encodeDelta32 } from "./delta/encode";
export { orWords } from "./delta/slots";
export { decodeDelta16, decodeDelta32 } from "./delta/decode";
export { cutContent } from "./content";

/** Fills the constant tables of a workspace. */
export function prepare(ws: usize): void {
  prepareGear(ws);
  prepareSparse(ws);
}
