/** How large the shards of a push are, and how many of them are on their way to volumes at once (docs/decisions/0005). */
import { limits } from "../../core/limits.ts";
import { MiB } from "../../core/units.ts";

export interface ShardShape {
  readonly shardBytes: number;
  /** Being written and read back. */
  readonly shardsAtOnce: number;
}

/** On disks: with one fewer, workers wait for the disk while it has nothing to do. */
const onDisks = { bytesMin: limits.shardBytesMin, atOnce: 3 } as const;
/** Over a network an object costs several round trips, whatever its size. */
const elsewhere = { bytesMin: 32 * MiB, atOnce: 6 } as const;

/** About 1/192 of what is pushed, within bounds: a killed push repeats little, and large models have few objects. `overNetwork`: a volume is reached over one. */
export function shardShapeFor(totalBytes: number, overNetwork: boolean): ShardShape {
  const { bytesMin, atOnce } = overNetwork ? elsewhere : onDisks;
  return { shardBytes: Math.min(limits.shardBytesTarget, Math.max(bytesMin, Math.ceil(totalBytes / 192))), shardsAtOnce: atOnce };
}
