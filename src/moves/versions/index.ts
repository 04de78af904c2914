/** Versions, refs and their history as they are kept: manifests and ref log as objects beside the data, names resolved by the catalog. */
export { type EncodedManifest, loadManifest, sealManifest } from "./manifests.ts";
export { needsOf } from "./needs.ts";
export { writeRefLog } from "./ref-log.ts";
export { decodeLogEntry } from "./reflog-codec.ts";
export { type ModelAt, parseModelAt, refOf, resolveVersion } from "./resolve.ts";
