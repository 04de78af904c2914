/** Which tensor a place in a file belongs to. */
import type { TensorEntry } from "../../core/manifest.ts";

/** The tensor whose bytes hold `position`, or undefined for headers and gaps. Takes tensors in file order; logarithmic. */
export function tensorAt(tensors: readonly TensorEntry[], position: number): TensorEntry | undefined {
  let low = 0;
  let high = tensors.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tensors[middle] as TensorEntry).range.end > position) high = middle;
    else low = middle + 1;
  }
  const found = tensors[low];
  return found && found.range.start <= position ? found : undefined;
}
