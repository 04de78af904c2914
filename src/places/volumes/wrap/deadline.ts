/** Gives every operation a time after which it has failed, whether or not the volume ever answers. */
import { fault } from "../../../core/errors.ts";
import { lengthOf } from "../../../core/range.ts";
import { MiB } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";
import { scatterBytes } from "../scatter.ts";
import type { Volume } from "../volume.ts";
import { markLate } from "./late.ts";
import { watchSteps } from "./step-watch.ts";
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
    within({ world, what: `${what} on volume ${volume.name}`, ms: operationMs + (bytes / bytesPerSecondMin) * 1000 }, signal, work);
  const stream = <T>(what: string, signal: AbortSignal, open: (signal: AbortSignal) => AsyncIterable<T>): AsyncIterable<T> =>
    stepsWithin({ world, what: `${what} on volume ${volume.name}`, ms: operationMs }, signal, open);
  return {
    name: volume.name,
    traits: volume.traits,
    put: (key, body, signal) => timed(`put ${key}`, scatterBytes(body), signal, (inner) => volume.put(key, body, inner)),
    get: (key, range, into, signal) => timed(`get ${key}`, lengthOf(range), signal, (inner) => volume.get(key, range, into, inner)),
    stat: (keys, signal) => stream("stat", signal, (inner) => volume.stat(keys, inner)),
    list: (after, signal) => stream("list", signal, (inner) => volume.list(after, inner)),
    remove: (keys, signal) => timed("remove", 0, signal, (inner) => volume.remove(keys, inner)),
    [Symbol.asyncDispose]: () => volume[Symbol.asyncDispose](),
  };
}

interface Term {
  readonly world: World;
  readonly what: string;
  readonly ms: number;
}

/** One operation is a stream of one step. */
async function within<T>(term: Term, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  using timer = startTimer(term, signal);
  return await timer.run(() => work(timer.signal));
}

async function* stepsWithin<T>(term: Term, signal: AbortSignal, open: (signal: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T> {
  using timer = startTimer(term, signal);
  yield* stepwise(open(timer.signal), timer.run);
}

interface Timer extends Disposable {
  /** Fires with the caller's, and at the deadline. */
  readonly signal: AbortSignal;
  readonly run: <T>(step: () => Promise<T>) => Promise<T>;
}

function startTimer({ world, what, ms }: Term, signal: AbortSignal): Timer {
  const stop = new AbortController();
  const ended = new AbortController();
  const forward = (): void => stop.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener("abort", forward, { once: true });
  const late = (running: Promise<unknown>): Error => {
    const error = markLate(fault("VOLUME_UNREACHABLE", `${what} did not end within ${Math.round(ms)} ms`), running);
    stop.abort(error);
    return error;
  };
  return {
    signal: stop.signal,
    run: watchSteps(world, ms, late, ended.signal),
    [Symbol.dispose]() {
      signal.removeEventListener("abort", forward);
      ended.abort();
    },
  };
}
