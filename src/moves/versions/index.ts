/** Versions, refs and their history as they are kept: manifests and ref log as objects beside the data, names resolved by the catalog. */
export { type EncodedManifest, inSharedMemory, loadManifest, readObject, sealManifest } from "./manifests.ts";
export { needsOf } from "./needs.ts";
export { writeRefLog } from "./ref-log.ts";
export { decodeLogEntry, encodeLogEntry } from "./reflog-codec.ts";
export { type ModelAt, parseModelAt, refOf, resolveVersion } from "./resolve.ts";
