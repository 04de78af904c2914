/** CHUNKS → SHARDS: the file that holds many encoded chunks, and the strategies that decide which chunk goes where. Knows nothing of volumes. */
export { checkShard, type ShardVerdict } from "./check.ts";
export { type Frame, frameHeaderBytes, type PlacedFrame, readFrameHeader, writeFrameHeader } from "./frame.ts";
export * from "./shard.ts";
export { type PieceFacts, type ShardStrategy, type StrategyName, type StrategyOptions, strategyNamed, strategyNames } from "./strategies/index.ts";
