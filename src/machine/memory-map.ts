/** How the start of the shared memory is divided: the kernels' constants, then a desk for each worker, then what the arena lends. */
import { limits } from "../core/limits.ts";
import { MiB } from "../core/units.ts";

const kernelBaseBytes = 1 * MiB;
export const kernelScratchBytes = 24 * MiB;
/** Beside the kernels' scratch: room for a chunk as rows laid together, and two for the links of a delta chain. */
const deskBytes = kernelScratchBytes + 3 * limits.chunkBytesMax;

/** Where the desk of worker `index` starts; with the number of workers, where the arena's own part starts. */
export function deskOffset(index: number): number {
  return kernelBaseBytes + index * deskBytes;
}
