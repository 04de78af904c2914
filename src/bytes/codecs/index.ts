/**
 * CHUNK ⇄ ENCODED: how chunks become smaller and come back bit for bit. Chooses the encoding of each chunk; what a chunk is,
 * which base it may have and where its bytes go is left to others.
 */
export { type ChunkCodec, type Encoded, openCodecs } from "./chunk-codec.ts";
export { type EncodingName, encodingIds } from "./codec.ts";
