/**
 * A store put together: settings, catalog, volumes, memory and workers as one thing that offers every operation. What the
 * operations do is told by the flows; how people ask for them, and the environment, are left to the faces.
 */
export type { Cache, CacheCleared } from "./cache.ts";
export { openStore, type StoreOptions } from "./open.ts";
export type * from "./options.ts";
export { type RebuildOptions, rebuildStore } from "./rebuild.ts";
export { Store } from "./store.ts";
export { Task } from "./task.ts";
export type { TensorOfVersion } from "./tensor-access.ts";
export type { Tensor, TensorData, TensorMap } from "./tensors.ts";
export type { VolumeAdded, VolumeSummary, Volumes } from "./volumes.ts";
