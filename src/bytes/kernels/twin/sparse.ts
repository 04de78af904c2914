/** Zeros out and in, element by element. */
import type { SparseKernels, SparseWidth } from "../kernels.ts";

function elementsOf(width: SparseWidth, bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / width }, (_, i) => bytes.subarray(i * width, (i + 1) * width));
}

const isZero = (element: Uint8Array): boolean => element.every((byte) => byte === 0);
const bitOf = (mask: Uint8Array, i: number): number => ((mask[i >> 3] as number) >> (i & 7)) & 1;

export const twinSparse: SparseKernels = {
  countZeros: (width, src) => elementsOf(width, src).filter(isZero).length,
  compact(width, src, mask, values) {
    mask.fill(0);
    let kept = 0;
    for (const [i, element] of elementsOf(width, src).entries()) {
      if (isZero(element)) continue;
      mask[i >> 3] = (mask[i >> 3] as number) | (1 << (i & 7));
      values.set(element, width * kept++);
    }
    return kept;
  },
  countMask(mask, elements) {
    let kept = 0;
    for (let i = 0; i < 8 * mask.length; i++) {
      if (i >= elements && bitOf(mask, i) === 1) return -1;
      kept += bitOf(mask, i);
    }
    return kept;
  },
  expand(width, mask, values, out) {
    let used = 0;
    for (const [i, element] of elementsOf(width, out).entries()) {
      if (bitOf(mask, i) === 1) element.set(values.subarray(width * used, width * ++used));
      else element.fill(0);
    }
  },
};
