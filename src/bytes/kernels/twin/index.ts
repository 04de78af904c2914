/** The kernels in plain TypeScript: slow, obvious, on any memory. The oracle of the WebAssembly driver, and a stand-in where that cannot run. */
import { checked } from "../face.ts";
import type { Kernels } from "../kernels.ts";
import { twinContent } from "./content.ts";
import { twinDelta } from "./delta.ts";
import { twinEntropy } from "./huffman.ts";
import { twinPlanes } from "./planes.ts";
import { twinRows } from "./rows.ts";
import { twinSparse } from "./sparse.ts";

export function twinKernels(): Kernels {
  return checked({ ...twinPlanes, ...twinEntropy, ...twinSparse, ...twinDelta, ...twinRows, ...twinContent });
}
