/**
 * TENSORS → CHUNKS: where the chunks of a file lie. `planRuns` decides from the tensor table alone; regions whose ends
 * must be found in the content are left open until a kernel has read them. `bandsOf` walks the result in file order, `bandsIn`
 * finds what a byte range needs. Reads no byte of a file, and leaves rolling boundaries to kernels and ranks to parallel/.
 */
export { countChunks } from "../../core/runs.ts";
export { type Band, bandsIn, bandsOf, type ChunkSpot } from "./bands.ts";
export { type ContentRegion, type PlannedRun, withContent } from "./content.ts";
export { tensorAt } from "./owner.ts";
export { planRuns } from "./plan.ts";
export { type Tile, untiled } from "./tile.ts";
