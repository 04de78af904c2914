/** What using a volume has shown of it: counts, latencies, whether it is left alone, the last failure. It outlives the volume's being opened anew. */
import { Breaker } from "../../core/breaker.ts";
import type { HoldfastError } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { VolumeMeter } from "./wrap/measure.ts";
import { ReadTimes } from "./wrap/read-times.ts";

/** Each of these failures was tried several times already. */
const failuresMax = 5;

export interface LastFailure {
  readonly error: HoldfastError;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly at: number;
}

export class VolumeHealth {
  readonly meter = new VolumeMeter();
  readonly reads: ReadTimes;
  /** Apart, since a place may take no writes and be read all the same: HDFS in safe mode, a disk that went read-only. */
  readonly breakers: { readonly reads: Breaker; readonly writes: Breaker };
  /** The last time that the volume did not answer. */
  lastFailure: LastFailure | undefined;

  constructor(world: Pick<World, "ticks">) {
    this.reads = new ReadTimes(world);
    this.breakers = { reads: new Breaker(world, { failuresMax }), writes: new Breaker(world, { failuresMax }) };
  }
}
