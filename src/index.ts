/**
 * Holdfast as a library: open a store, push models into it, and load them back, bit for bit. What is here is all that the
 * command uses; docs/library.md tells it with examples.
 */
import { openStore, type Store, type StoreOptions } from "./store/index.ts";

export type { Element } from "./core/element.ts";
export { type ErrorCode, type ErrorKind, HoldfastError } from "./core/errors.ts";
export type { PinSummary, TierSummary } from "./flows/cache-report.ts";
export type { CollectReport } from "./flows/collect.ts";
export type { DiffedFile, VersionDiff } from "./flows/diff.ts";
export type { DoctorReport, Finding } from "./flows/doctor.ts";
export type { DrainReport } from "./flows/drain.ts";
export type { TensorFacts, TensorFileResult } from "./flows/get-tensor.ts";
export type { TensorCount } from "./flows/hot-tensors.ts";
export type { EncodingSummary, FileSummary, ModelSummary, RefSummary, TensorSummary, VersionDetail, VersionSummary } from "./flows/inspect.ts";
export type { LoadResult } from "./flows/load.ts";
export type { ProgressEvent } from "./flows/progress.ts";
export type { PushResult } from "./flows/push.ts";
export type { RebalanceReport } from "./flows/rebalance.ts";
export type { RebuildReport } from "./flows/rebuild.ts";
export type { RemoveResult } from "./flows/remove.ts";
export type { RepairReport } from "./flows/repair.ts";
export type { ScrubReport } from "./flows/scrub.ts";
export type { SetTensorResult } from "./flows/set-tensor.ts";
export type { TagResult } from "./flows/tag.ts";
export type { BreakerState, VolumeLatency } from "./flows/volume-report.ts";
export type { WarmResult } from "./flows/warm.ts";
export type { SeenMove } from "./flows/watch.ts";
export * from "./store/index.ts";
export { rebuildStore as rebuild } from "./store/index.ts";

/**
 * Opens the store in a folder, `~/.holdfast` where none is named, and makes it when it is not there. Close it with `await using`.
 * Throws what `openStore` throws.
 */
export function open(options: string | StoreOptions = {}): Promise<Store> {
  return openStore(typeof options === "string" ? { store: options } : options);
}
