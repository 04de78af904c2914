/** How large the shards of a push are, and how many of them are on their way to volumes at once (docs/decisions/0005). */
import { limits } from "../../core/limits.ts";
import { isOverNetwork } from "../../places/volumes/index.ts";

export interface ShardShape {
  readonly shardBytes: number;
  /** Being written and read back. */
  readonly shardsAtOnce: number;
}

/** On disks: with one fewer, workers wait for the disk while it has nothing to do. */
const onDisks = { bytesMin: limits.shardBytesMin, atOnce: 3 } as const;
/** Over a network an object costs several round trips, whatever its size. */
const overNetwork = { bytesMin: limits.shardBytesTarget, atOnce: 4 } as const;

/** About 1/192 of what is pushed, within bounds: a killed push repeats little, and large models have few objects. `volumes`: all of the store. */
export function shardShapeFor(totalBytes: number, volumes: readonly { readonly url: string }[]): ShardShape {
  const { bytesMin, atOnce } = volumes.some(isOverNetwork) ? overNetwork : onDisks;
  return { shardBytes: Math.min(limits.shardBytesTarget, Math.max(bytesMin, Math.ceil(totalBytes / 192))), shardsAtOnce: atOnce };
}
