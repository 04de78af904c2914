/** Gives every operation a time after which it has failed, whether or not the volume ever answers. */
import { fault } from "../../../core/errors.ts";
import { lengthOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";
import { scatterBytes } from "../scatter.ts";
import type { Volume } from "../volume.ts";
import { markLate } from "./late.ts";
import { stepwise } from "./stepwise.ts";

export interface DeadlineOptions {
  readonly world: World;
  /** For an operation without bytes, or one step of a list. */
  readonly operationMs?: number;
  /** Bytes get this much more time. */
  readonly bytesPerSecondMin?: number;
}

/**
 * Throws VOLUME_UNREACHABLE at the deadline and asks the operation to stop. One that does not stop is found with `lateWork`
 * on the error: until it ends, the memory that it was given is not free.
 */
export function deadline(volume: Volume, { world, operationMs = 30_000, bytesPerSecondMin = MiB }: DeadlineOptions): Volume {
  const timed = <T>(what: string, bytes: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    within(world, `${what} on volume ${volume.name}`, operationMs + (bytes / bytesPerSecondMin) * 1000, signal, work);
  return {
    name: volume.name,
    traits: volume.traits,
    put: (key, body, signal) => timed(`put ${key}`, scatterBytes(body), signal, (inner) => volume.put(key, body, inner)),
    get: (key, range, into, signal) => timed(`get ${key}`, lengthOf(range), signal, (inner) => volume.get(key, range, into, inner)),
    stat: (keys, signal) => stepwise(volume.stat(keys, signal), (step) => timed("stat", 0, signal, step)),
    list: (after, signal) => stepwise(volume.list(after, signal), (step) => timed("list", 0, signal, step)),
    remove: (keys, signal) => timed("remove", 0, signal, (inner) => volume.remove(keys, inner)),
    [Symbol.asyncDispose]: () => volume[Symbol.asyncDispose](),
  };
}

const expired = Symbol("expired");

async function within<T>(world: World, what: string, ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const answered = new AbortController();
  const forward = (): void => stop.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener("abort", forward, { once: true });
  try {
    const running = work(stop.signal);
    const first = await Promise.race([running, expiry(world, ms, answered.signal)]);
    if (first !== expired) return first;
    const late = markLate(fault("VOLUME_UNREACHABLE", `${what} did not end within ${Math.round(ms)} ms`), running);
    stop.abort(late);
    throw late;
  } finally {
    signal.removeEventListener("abort", forward);
    answered.abort();
  }
}

/** Never settles once the operation was answered. */
function expiry(world: World, ms: number, answered: AbortSignal): Promise<typeof expired> {
  return new Promise((resolve) => {
    world.sleep(ms, answered).then(
      () => resolve(expired),
      () => undefined,
    );
  });
}
