/** How much memory and how many threads a store takes. */
import { totalmem } from "node:os";
import { fault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { formatBytes, GiB, MiB } from "../core/units.ts";
import { deskOffset } from "../machine/memory-map.ts";
import { defaultWorkerCount } from "../machine/pool.ts";
import { isOverNetwork } from "../places/volumes/index.ts";
import { type EngineSize, regionBytes } from "./store-engine.ts";

/** What WebAssembly can address; the workers' own part of it is taken off. */
const addressableBytes = 4 * GiB;

/** Throws ARGUMENT_INVALID for what cannot work; a wish for more than half of the machine's memory is cut to that. */
export function sizeOf(memoryBytes: number, workers: number, cacheBytesWanted = 0): EngineSize {
  if (!Number.isInteger(workers) || workers < 1 || workers > limits.workersMax)
    throw fault("ARGUMENT_INVALID", `${workers} workers`, { advice: `Give a number between 1 and ${limits.workersMax}.` });
  if (!Number.isFinite(memoryBytes) || memoryBytes < limits.arenaBytesMin)
    throw fault("ARGUMENT_INVALID", `${formatBytes(memoryBytes)} of memory are not enough`, { advice: `Give ${formatBytes(limits.arenaBytesMin)} or more.` });
  const boundBytes = Math.min(halfOfMachine(), addressableBytes - deskOffset(workers) - regionBytes(0));
  const arenaBytes = Math.max(limits.arenaBytesMin, Math.min(Math.floor(memoryBytes), boundBytes));
  return { arenaBytes, workers, cacheBytes: Math.max(0, Math.min(cacheBytesWanted, boundBytes - arenaBytes - regionRoundingBytes)) };
}

/** Threads for a store with these volumes, where nobody says how many; without any it is about to have one on a disk. */
export function workersFor(volumes: readonly { readonly url: string }[]): number {
  return defaultWorkerCount(volumes.length === 0 || !volumes.every(isOverNetwork));
}

const regionRoundingBytes = 1 * MiB;

/** A container may have less than the machine. */
function halfOfMachine(): number {
  const constrained = process.constrainedMemory();
  return Math.floor(Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY) / 2);
}
