/**
 * A long operation: a promise of its result that can also be watched.
 *
 * Iterating gives progress events; a slow reader gets the newest and not every one. The iteration ends when the work ends and
 * throws what the work threw. The work goes on whether or not anyone watches, and a signal ends it with CANCELLED.
 */
import type { Progress, ProgressEvent } from "../flows/progress.ts";

export class Task<T> implements Promise<T>, AsyncIterable<ProgressEvent> {
  readonly [Symbol.toStringTag] = "Task";
  /** Fulfilled when the work is over, however it ended; waiting for it does not count as hearing of a failure. */
  readonly ended: Promise<void>;
  readonly #done: Promise<T>;
  readonly #end = Promise.withResolvers<void>();
  #newest: ProgressEvent | undefined;
  #events = 0;
  #over = false;
  #changed = Promise.withResolvers<void>();

  /** The work starts at once. */
  constructor(work: (progress: Progress) => Promise<T>) {
    this.ended = this.#end.promise;
    this.#done = this.#run(work);
  }

  async #run(work: (progress: Progress) => Promise<T>): Promise<T> {
    try {
      return await work((event) => this.#report(event));
    } finally {
      this.#over = true;
      this.#changed.resolve();
      this.#end.resolve();
    }
  }

  #report(event: ProgressEvent): void {
    this.#newest = event;
    this.#events++;
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ProgressEvent, void> {
    // What the work throws is thrown at the end of the iteration: until then nobody has missed it.
    this.#done.catch(() => {});
    for (let seen = 0; ; ) {
      if (this.#newest && this.#events > seen) {
        seen = this.#events;
        yield this.#newest;
      } else if (this.#over) break;
      else await this.#changed.promise;
    }
    await this.#done;
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is a promise
  then<A = T, B = never>(fulfilled?: ((value: T) => A | PromiseLike<A>) | null, rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#done.then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#done.catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<T> {
    return this.#done.finally(settled);
  }
}
