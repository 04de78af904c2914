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
  readonly breaker: Breaker;
  /** The last time that the volume did not answer. */
  lastFailure: LastFailure | undefined;

  constructor(world: Pick<World, "ticks">) {
    this.reads = new ReadTimes(world);
    this.breaker = new Breaker(world, { failuresMax });
  }
}
