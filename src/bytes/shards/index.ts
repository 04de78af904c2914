/** CHUNKS → SHARDS: the file that holds many encoded chunks, and the strategies that decide which chunk goes where. Knows nothing of volumes. */
export { checkShard } from "./check.ts";
export { frameHeaderBytes, type PlacedFrame, writeFrameHeader } from "./frame.ts";
export * from "./shard.ts";
export { type StrategyName, strategyNamed } from "./strategies/index.ts";
