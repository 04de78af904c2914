/** What of a version is wanted: files, tensors, or what one rank needs, as targets for a transfer. Reads no more than headers. */
export { filesWanted } from "./files.ts";
export { npyDescrOf, npyTarget, rawTarget } from "./npy.ts";
export { oneTensor } from "./one-tensor.ts";
export { archIn, partForRank, type RankWish, rankTargets } from "./rank.ts";
export { safetensorsTarget, type TensorAt, type TensorPart, tensorsWanted, wholeTensor } from "./tensors.ts";
