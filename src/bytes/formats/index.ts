/**
 * FILE → TENSORS: where the tensors of a model file lie, read from its header alone, in pieces as small as the format
 * allows. A format checks everything that it passes on against the real size of the file and never runs, unpickles or
 * extracts what it finds. Opening files, deadlines and memory limits belong to machine/headers; what to do with a
 * file that does not parse belongs to the flows.
 */
export type { Layout, RangeReader } from "./format.ts";
export { type NpyFacts, npyHeader, readNpyFacts } from "./numpy/npy-file.ts";
export { opaqueLayout } from "./opaque.ts";
export { readerOf } from "./range-reader.ts";
export { claimedFormat, formatOf, probeBytes, readLayout } from "./registry.ts";
export { safetensorsMetadata } from "./safetensors/header.ts";
export { writeSafetensorsHeader } from "./safetensors/write.ts";
export { isSafetensorsIndex, parseSafetensorsIndex } from "./safetensors-index.ts";
