/** What can be said to the operations of a store. */
import type { StrategyName } from "../bytes/shards/index.ts";

export interface TaskOptions {
  /** Ends the work with CANCELLED; what was done is kept for the next try. */
  readonly signal?: AbortSignal;
}

export interface DurabilityOptions {
  /** Copies, each on a volume of its own and in different failure domains while there are enough. Default: the store's setting. */
  readonly replicas?: number;
  /** Copies without which nothing is acknowledged; what lacks is made good by a repair. Default: all of `replicas`. */
  readonly replicasMin?: number;
}

export interface PushOptions extends TaskOptions, DurabilityOptions {
  /** Milliseconds to wait for the copies that volumes make by themselves (HDFS). Fewer than `replicasMin` then is REPLICAS_TOO_FEW. Default: 0. */
  readonly waitCopiesMs?: number;
  /** How chunks are spread over shards. Default: range, in the order of the files. */
  readonly strategy?: StrategyName;
  /** Groups of the strategy. Default: as many as fill a shard each. */
  readonly groups?: number;
  /** For the strategy `random`. */
  readonly seed?: string;
  /** A ref or version of the model to store deltas against. Default: what the ref is now. */
  readonly parent?: string;
  /** The version that the ref must have; otherwise REF_CONFLICT. */
  readonly expect?: string;
  /** `raw` stores chunks as they are: larger, and a little faster to load. */
  readonly encode?: "auto" | "raw";
  /** Refuses files that do not parse as what their names claim, instead of keeping them as opaque bytes. */
  readonly strict?: boolean;
  /** Takes the files that symbolic links lead to, instead of refusing links. */
  readonly followLinks?: boolean;
  readonly message?: string;
}

export interface Selection {
  /** Globs of paths; without any, all files. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Names or globs of tensors. */
  readonly tensors?: readonly string[];
  /** What one rank of a tensor-parallel group needs. */
  readonly rank?: RankOptions;
}

export interface RankOptions {
  /** From 0 on. */
  readonly rank: number;
  /** Ranks in the group. */
  readonly size: number;
  /** Path of a plan file that says how tensors are split, before the rules of the known architectures. */
  readonly plan?: string;
}

export interface PullOptions extends TaskOptions, Selection {}

export interface LoadTensorsOptions extends TaskOptions, Selection {
  /** Makes the memory for the tensors of one file. Default: a new SharedArrayBuffer each. */
  readonly allocate?: (bytes: number) => SharedArrayBuffer;
}

export interface TensorOptions extends TaskOptions {
  /** Path of the file that has the tensor, where several have one of its name. */
  readonly file?: string;
}

export interface SetTensorOptions extends TensorOptions, DurabilityOptions {
  readonly message?: string;
}

export interface HotTensorsOptions extends TaskOptions {
  /** Tensors at most. Default: 20. */
  readonly limit?: number;
}

export interface WatchOptions extends TaskOptions {
  /** The number of a move: begins with the one behind it. Default: what comes from now on. */
  readonly after?: number;
}

export interface WarmOptions extends TaskOptions {
  /** Name of the tier. Default: the farthest. */
  readonly tier?: string;
  /** Lets the version go instead: what it has stays until other values need the room. */
  readonly unpin?: boolean;
}

export interface CacheClearOptions extends TaskOptions {
  /** Name of the tier. Default: all. */
  readonly tier?: string;
}

export interface LogOptions {
  /** Versions at most. Default: 100. */
  readonly limit?: number;
}

export interface RemoveOptions extends DurabilityOptions, TaskOptions {}
export interface TagOptions extends DurabilityOptions, TaskOptions {}

export interface GcOptions extends TaskOptions {
  /** Milliseconds for which nothing has needed what is removed, by the catalog's clock. Default: a day. */
  readonly holdMs?: number;
  /** Also when it is more than 5 % of the store. */
  readonly approve?: boolean;
  /** Says how much it is and removes nothing. */
  readonly dryRun?: boolean;
}

export interface RepairOptions extends TaskOptions {
  readonly repair?: boolean;
}

export interface RebalanceOptions extends TaskOptions {
  /** Ends when so many bytes were moved. Default: when all is in balance. */
  readonly bytesMax?: number;
  /** Says what would be moved and moves nothing. */
  readonly dryRun?: boolean;
}

export interface VolumeOptions {
  /** Default: the last part of the path. */
  readonly name?: string;
  /** What can fail at once with it. Default: the volume by itself. */
  readonly domain?: string;
  /** Share of new objects relative to the others. Default: 1. */
  readonly weight?: number;
}
