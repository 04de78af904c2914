/**
 * How the ranks of a tensor-parallel group share the tensors of a model: by the rules of the common architectures or by a plan
 * file, as byte ranges of the files. Says where a rank's bytes lie; reading them, and writing files for a rank, is for others.
 */
export { type Arch, archOf } from "./arch.ts";
export { type ParallelPlan, parsePlan } from "./plan.ts";
export { splitOf } from "./rules.ts";
export { type Slice, type SlicePiece, sliceOf } from "./slice.ts";
export type { Section, Split } from "./split.ts";
export { columnsFor, tileOf } from "./tile.ts";
