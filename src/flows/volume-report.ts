/**
 * How the volumes of a store are: what they hold by the catalog's word, how full the places are, whether they answer, how quickly, and
 * what this process has seen of their failing. A process that has read little of a volume reads its identity some times, so that there is
 * a latency to tell: one that was written down by another process would be of another time, and seen from another machine.
 */
import type { VolumeName } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { requireOurs } from "../moves/upkeep/index.ts";
import type { VolumeRow } from "../places/catalog/index.ts";
import { quantileMs, type VolumeSpace } from "../places/volumes/index.ts";
import { type VolumeUsage, volumeUsage } from "./volume-usage.ts";

export interface VolumeLatency {
  /** Reads by this process, of all sizes. */
  readonly reads: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export type BreakerState = "closed" | "open";

export interface VolumeReport extends VolumeUsage {
  /** Why it cannot be used, when it was asked just now. */
  readonly problem: string | undefined;
  /** Open where this process leaves the volume alone after failures in a row. */
  readonly breaker: { readonly reads: BreakerState; readonly writes: BreakerState };
  /** The last time that it did not answer this process. */
  readonly lastFailure: { readonly message: string; readonly at: number } | undefined;
  readonly space: VolumeSpace | undefined;
  readonly latency: VolumeLatency | undefined;
}

export type SpaceOf = (row: VolumeRow, signal: AbortSignal) => Promise<VolumeSpace | undefined>;

const readsMin = 8;

/** `signal` is how long anyone waits for a volume. */
export async function volumeReport(engine: Engine, spaceOf: SpaceOf, signal: AbortSignal): Promise<VolumeReport[]> {
  const usage = await volumeUsage(engine.catalog);
  return Promise.all(
    usage.map(async (one) => {
      const problem = await problemOf(engine, one, signal);
      const space = problem === undefined ? await spaceOf(one, signal).catch(() => undefined) : undefined;
      return { ...one, problem, space, ...seenOf(engine, one.name) };
    }),
  );
}

/** Asked anew each time: a disk that was there when it was opened may be gone. */
async function problemOf(engine: Engine, row: VolumeRow, signal: AbortSignal): Promise<string | undefined> {
  const { meter } = engine.volumes.health(row.name);
  try {
    do await requireOurs(engine, row, signal);
    while (meter.snapshot().get.operations < readsMin);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function seenOf(engine: Engine, name: VolumeName): Pick<VolumeReport, "breaker" | "lastFailure" | "latency"> {
  const { meter, breakers, lastFailure } = engine.volumes.health(name);
  const { operations: reads, latency } = meter.snapshot().get;
  const stateOf = ({ isOpen }: { readonly isOpen: boolean }): BreakerState => (isOpen ? "open" : "closed");
  return {
    breaker: { reads: stateOf(breakers.reads), writes: stateOf(breakers.writes) },
    lastFailure: lastFailure && { message: lastFailure.error.message, at: lastFailure.at },
    latency: reads === 0 ? undefined : { reads, p50Ms: quantileMs(latency, 0.5), p95Ms: quantileMs(latency, 0.95) },
  };
}
