/** Counts what a volume does: operations, bytes, failures by code, latencies. */
import { type ErrorCode, HoldfastError } from "../../../core/errors.ts";
import { lengthOf } from "../../../core/range.ts";
import type { World } from "../../../core/world/index.ts";
import { scatterBytes } from "../scatter.ts";
import type { Volume } from "../volume.ts";
import { countMs, emptyHistogram, type Histogram } from "./histogram.ts";
import type { ReadTimes } from "./read-times.ts";
import { stepwise } from "./stepwise.ts";
export type Operation = "put" | "get" | "stat" | "list" | "remove";

export interface OperationMeasures {
  readonly operations: number;
  /** Put or got; 0 for the others. */
  readonly bytes: number;
  /** BUG counts errors that are no faults. */
  readonly failures: Readonly<Partial<Record<ErrorCode | "BUG", number>>>;
  /** Of operations, and of single steps of stat and list. */
  readonly latency: Histogram;
}

interface Tally {
  operations: number;
  bytes: number;
  failures: Partial<Record<ErrorCode | "BUG", number>>;
  latency: number[];
}

export class VolumeMeter {
  readonly #tallies: Record<Operation, Tally> = { put: newTally(), get: newTally(), stat: newTally(), list: newTally(), remove: newTally() };

  /** A copy, taken now. */
  snapshot(): Readonly<Record<Operation, OperationMeasures>> {
    return structuredClone(this.#tallies);
  }

  started(name: Operation): void {
    this.#tallies[name].operations++;
  }

  ended(name: Operation, ms: number, bytes: number): void {
    const tally = this.#tallies[name];
    tally.bytes += bytes;
    countMs(tally.latency, ms);
  }

  failed(name: Operation, ms: number, error: unknown): void {
    const tally = this.#tallies[name];
    const code = error instanceof HoldfastError ? error.code : "BUG";
    tally.failures[code] = (tally.failures[code] ?? 0) + 1;
    countMs(tally.latency, ms);
  }
}

function newTally(): Tally {
  return { operations: 0, bytes: 0, failures: {}, latency: emptyHistogram() };
}

interface MeasureOptions {
  readonly world: World;
  readonly meter: VolumeMeter;
  readonly reads: ReadTimes;
}

export function measure(volume: Volume, { world, meter, reads }: MeasureOptions): Volume {
  const timed = async <T>(name: Operation, work: () => Promise<T>, bytesOf: (answer: T) => number = () => 0): Promise<T> => {
    const start = world.ticks();
    try {
      const answer = await work();
      meter.ended(name, world.ticks() - start, bytesOf(answer));
      return answer;
    } catch (error) {
      meter.failed(name, world.ticks() - start, error);
      throw error;
    }
  };
  const started = (name: Operation): Volume => {
    meter.started(name);
    return volume;
  };
  return {
    name: volume.name,
    traits: volume.traits,
    put: (key, body, signal) =>
      timed(
        "put",
        () => started("put").put(key, body, signal),
        () => scatterBytes(body),
      ),
    get: (key, range, into, signal) =>
      timed(
        "get",
        () => reads.timed(lengthOf(range), () => started("get").get(key, range, into, signal)),
        (bytes) => bytes,
      ),
    stat: (keys, signal) => stepwise(started("stat").stat(keys, signal), (step) => timed("stat", step)),
    list: (after, signal) => stepwise(started("list").list(after, signal), (step) => timed("list", step)),
    remove: (keys, signal) => timed("remove", () => started("remove").remove(keys, signal)),
    [Symbol.asyncDispose]: () => volume[Symbol.asyncDispose](),
  };
}
