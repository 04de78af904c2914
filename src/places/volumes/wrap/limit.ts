/** Bounds what is in flight to one volume, so that a slow or hung one holds its own share of threads and memory and no more. */
import { lengthOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import { scatterBytes } from "../scatter.ts";
import type { Volume } from "../volume.ts";
import { Gate } from "./gate.ts";
import { lateWork } from "./late.ts";
import { stepwise } from "./stepwise.ts";

export interface LimitOptions {
  readonly operationsMax?: number;
  readonly bytesMax?: number;
}

export function limit(volume: Volume, { operationsMax = 16, bytesMax = 256 * MiB }: LimitOptions = {}): Volume {
  const gate = new Gate(volume.name, operationsMax, bytesMax);
  const admitted = async <T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    await gate.enter(bytes, signal);
    try {
      const answer = await work();
      gate.leave(bytes);
      return answer;
    } catch (error) {
      const late = lateWork(error);
      if (late) gate.leaveLate(bytes, late);
      else gate.leave(bytes);
      throw error;
    }
  };
  return {
    name: volume.name,
    traits: volume.traits,
    put: (key, body, signal) => admitted(scatterBytes(body), signal, () => volume.put(key, body, signal)),
    get: (key, range, into, signal) => admitted(lengthOf(range), signal, () => volume.get(key, range, into, signal)),
    stat: (keys, signal) => stepwise(volume.stat(keys, signal), (step) => admitted(0, signal, step)),
    list: (after, signal) => stepwise(volume.list(after, signal), (step) => admitted(0, signal, step)),
    remove: (keys, signal) => admitted(0, signal, () => volume.remove(keys, signal)),
    [Symbol.asyncDispose]: () => volume[Symbol.asyncDispose](),
  };
}
