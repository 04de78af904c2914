/** Arithmetic on shapes that foreign files give: every result is exact, or FORMAT_INVALID. */
import { limits } from "../../core/limits.ts";
import { invalid } from "./refuse.ts";

/**
 * The product of the dimensions, 1 for none. A product of two safe integers that is itself safe is exact in a double,
 * and one that is not safe rounds to something that is not safe either, so the check after each step is enough.
 */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > limits.tensorRankMax) throw invalid(`a tensor of ${shape.length} dimensions; at most ${limits.tensorRankMax} are read`);
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) throw invalid(`${size} cannot be a dimension`);
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) throw invalid(`the product of the dimensions [${shape.join(", ")}] overflows`);
  }
  return count;
}

/** Bytes of `count` elements of `bits` bits each, packed without gaps; they must end on a whole byte. */
export function packedBytes(count: number, bits: number): number {
  const total = count * bits;
  if (total > Number.MAX_SAFE_INTEGER) throw invalid(`${count} elements of ${bits} bits overflow`);
  if (total % 8 !== 0) throw invalid(`${count} elements of ${bits} bits do not end on a whole byte`);
  return total / 8;
}
