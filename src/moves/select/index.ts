/** What of a version is wanted: files, tensors, or what one rank needs, as targets for a transfer. Reads no weights. */
export { type FileFilter, filesWanted } from "./files.ts";
export { safetensorsTarget, sliceBytes, type TensorAt, type TensorPart, tensorsWanted, wholeTensor } from "./tensors.ts";
