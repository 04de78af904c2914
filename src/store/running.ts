/** The long operations that are going on in a store, so that closing it ends them first. */
import { fault } from "../core/errors.ts";
import type { World } from "../core/world/index.ts";
import type { Progress } from "../flows/progress.ts";
import { asFault } from "./system-errors.ts";
import { Task } from "./task.ts";

export type Timed<T> = T & {
  /** By the monotonic clock. */
  readonly seconds: number;
};

export class Running implements AsyncDisposable {
  readonly #world: World;
  readonly #closing = new AbortController();
  readonly #tasks = new Set<Promise<unknown>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts the work. Throws CANCELLED at once when the store is closed. */
  start<T>(signal: AbortSignal | undefined, work: (progress: Progress, signal: AbortSignal) => Promise<T>): Task<T> {
    const task = new Task((progress) => this.do(signal, (joined) => work(progress, joined)));
    this.#watch(task);
    return task;
  }

  /** The same, and adds how long it took. */
  startTimed<T extends object>(signal: AbortSignal | undefined, work: (progress: Progress, signal: AbortSignal) => Promise<T>): Task<Timed<T>> {
    const startedMs = this.#world.ticks();
    return this.start(signal, async (progress, joined) => {
      const result = await work(progress, joined);
      return { ...result, seconds: (this.#world.ticks() - startedMs) / 1000 };
    });
  }

  /** The same for what is over at once. */
  async do<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const joined = this.#joined(signal);
    if (this.#closing.signal.aborted) throw fault("CANCELLED", "the store is closed");
    try {
      return await work(joined);
    } catch (error) {
      throw asFault(error);
    }
  }

  /** What comes one by one for as long as somebody wants more. Closing the store ends it with CANCELLED. */
  async *stream<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T, void> {
    const joined = this.#joined(signal);
    try {
      yield* work(joined);
    } catch (error) {
      throw joined.aborted ? fault("CANCELLED", "cancelled while watching", { cause: error }) : asFault(error);
    }
  }

  #joined(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }

  #watch(task: Task<unknown>): void {
    const ended = task.ended.then(() => void this.#tasks.delete(ended));
    this.#tasks.add(ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(fault("CANCELLED", "the store was closed"));
    await Promise.all(this.#tasks);
  }
}
