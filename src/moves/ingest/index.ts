/** HOW BYTES COME IN: source files are found, described and cut, taken through the workers in batches, and laid into shards. What a push means is for the flows to say. */
export { Bases } from "./bases.ts";
export { batchesOf, piecesOf } from "./batches.ts";
export { type DescribedFile, describeFiles } from "./describe.ts";
export { type Ingested, ingest } from "./ingest.ts";
export { type Patch, type PatchSource, patchedDigest, writePatch } from "./patch.ts";
export { Pins } from "./pins.ts";
export { shardShapeFor } from "./shard-shape.ts";
export { ShardWriter } from "./shard-writer.ts";
export { tilesOf } from "./tiles.ts";
export { requireUnchanged, walk } from "./walk.ts";
