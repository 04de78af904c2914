/** Every bound in one place. Units last in the name. A bound that a user may move is a default here and an option elsewhere. */
import { GiB, KiB, MiB } from "./units.ts";

export const limits = {
  /** Raw bytes of a tensor-aligned chunk, except the last of its tensor. */
  chunkBytes: 1 * MiB,
  /** No chunk has more raw bytes than this, whoever wrote it. */
  chunkBytesMax: 4 * MiB,
  /** Tensors below this share a chunk with their neighbours. */
  smallTensorBytes: 64 * KiB,
  contentChunkBytesMin: 64 * KiB,
  contentChunkBytesAverage: 256 * KiB,
  contentChunkBytesMax: 1 * MiB,
  shardBytesMin: 8 * MiB,
  shardBytesTarget: 64 * MiB,
  shardBytesMax: 80 * MiB,
  framesPerShardMax: 1 << 16,
  /** Delta chains: a chunk whose base has this depth is stored without a base. */
  chainDepthMax: 4,
  /** An encoding is kept when it saves at least this share. */
  encodingGainMin: 0.03,
  /** One write to a target file, and one unit of decoding. */
  windowBytes: 8 * MiB,
  /** The same where chunks come over a network. */
  networkWindowBytes: 16 * MiB,
  /** How long an intent that nobody renews keeps what it pins. */
  leaseMs: 60 * 60_000,
  /** How often a push takes over a ref that moved before it could be committed. */
  commitAttemptsMax: 5,
  /** A collection that would remove more than this share of the store, and more than these bytes, has to be approved. */
  collectShareMax: 0.05,
  collectFreeBytes: 256 * MiB,
  arenaBytes: 192 * MiB,
  /** With less, one push could not hold its open shards and read its next batch. */
  arenaBytesMin: 160 * MiB,
  workersMax: 64,
  replicasMax: 16,
  volumesMax: 10_000,
  /** Sections of open and sealed shards that a push keeps in memory before it takes more in. */
  unpublishedBytesMax: 128 * MiB,
  tiersMax: 8,
  /** Values on their way to slow tiers of the cache. */
  cacheBehindBytes: 64 * MiB,
  headerBytesMax: 100 * MiB,
  tensorsMax: 1 << 20,
  tensorNameBytesMax: 4 * KiB,
  tensorRankMax: 64,
  manifestBytesMax: 1 * GiB,
  /** A line has a model, a ref and an operation, which are all bounded. */
  logEntryBytesMax: 64 * KiB,
  filesPerVersionMax: 4_000_000,
  pathBytesMax: 1024,
  pathSegmentBytesMax: 255,
  pathDepthMax: 32,
} as const;
