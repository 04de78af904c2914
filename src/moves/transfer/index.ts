/** HOW BYTES MOVE out of the store: a plan of windows, chains of deltas, replicas with failover, verification, sinks. Nothing leaves here unverified. What to load is for the flows to say. */
export { findChains, packDigests, requireChains } from "./chains.ts";
export type { Damage } from "./damage.ts";
export { type Fetch, fetchChunks, roomBytesFor } from "./fetch.ts";
export { dropScratch, FileSink, fileWindows, scratchFolder } from "./file-sink.ts";
export { fillTier, formsOf, type TierChunk } from "./fill-tier.ts";
export type { FileRows } from "./intersect.ts";
export { eachLimited } from "./limited.ts";
export { MemorySink } from "./memory-sink.ts";
export { type Part, type Target, wholeFile, windowsOf } from "./plan.ts";
export { presentTargets } from "./present.ts";
export { readFileRange } from "./read-file.ts";
export { Replicas } from "./replicas.ts";
export { type Run, runWindows, type WindowReport } from "./run.ts";
export { windowBytesFor } from "./window-bytes.ts";
