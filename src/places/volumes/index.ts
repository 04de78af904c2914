/**
 * Volumes: places that keep immutable objects. A driver for each kind of place, wrappers that add retries, bounds, deadlines and
 * measures to any of them, and the identity that says whose a volume is. Which objects should be where is for placement to
 * decide, what they mean for shards, and what is missing or damaged for repair.
 */
export { checkIdentity, claimIdentity, readIdentity, repairIdentity, type VolumeIdentity } from "./identity.ts";
export { identityKey, type KeyParts, type ObjectKind, objectKey, parseObjectKey, requireObjectKey } from "./keys.ts";
export { claimVolume, type OpenEnvironment, openAsFound, openVolume, repairVolume, type VolumeEntry } from "./open.ts";
export { scatterBytes, sliceScatter } from "./scatter.ts";
export type { ObjectKey, ObjectStat, Replayable, Scatter, Volume, VolumeTraits } from "./volume.ts";
export type { VolumePlace } from "./volume-driver.ts";
export { type FaultOptions, faulty } from "./wrap/fault.ts";
export { type FaultName, type FaultPlan, type FaultRule, randomPlan } from "./wrap/fault-plan.ts";
export { lateWork } from "./wrap/late.ts";
export { type OperationMeasures, quantileMs, VolumeMeter } from "./wrap/measure.ts";
