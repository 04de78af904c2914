/**
 * Volumes: places that keep immutable objects. A driver for each kind of place, wrappers that add retries, bounds, deadlines and
 * measures to any of them, and the identity that says whose a volume is. Which objects should be where is for placement to
 * decide, what they mean for shards, and what is missing or damaged for repair.
 */

export { VolumeHealth } from "./health.ts";
export { HedgeBudget } from "./hedge-budget.ts";
export { checkIdentity, readIdentity, repairIdentity, type VolumeIdentity } from "./identity.ts";
export { type KeyParts, type ObjectKind, objectKey, parseObjectKey } from "./keys.ts";
export { claimVolume, copiesAt, isOverNetwork, type OpenEnvironment, openAsFound, openVolume, spaceOf } from "./open.ts";
export type { Evidence, ObjectKey, ObjectStat, Replayable, Scatter, Volume } from "./volume.ts";
export type { VolumeSpace } from "./volume-driver.ts";
export { insisting } from "./wrap/breaker.ts";
export { quantileMs } from "./wrap/histogram.ts";
export { lateWork } from "./wrap/late.ts";
