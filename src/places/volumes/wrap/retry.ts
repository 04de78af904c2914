/**
 * Tries again what a volume did not answer (VOLUME_UNREACHABLE), and nothing else: missing, corrupt, denied and full do not get
 * better by asking twice, and of an absent volume the other replicas are asked.
 */
import { isFault } from "../../../core/errors.ts";
import { retryAfterMs } from "../retry-after.ts";
import { RetryBudget, type RetryOptions } from "../retry-budget.ts";
import type { Evidence, ObjectKey, ObjectStat, Replayable, Volume } from "../volume.ts";
import { lateWork } from "./late.ts";
import { holdsExactly } from "./read-back.ts";

export function retry(volume: Volume, options: RetryOptions): Volume {
  return new Retrying(volume, options);
}

class Retrying implements Volume {
  readonly #volume: Volume;
  readonly #budget: RetryBudget;

  constructor(volume: Volume, options: RetryOptions) {
    this.#volume = volume;
    this.#budget = new RetryBudget(options);
  }

  get name(): Volume["name"] {
    return this.#volume.name;
  }

  get traits(): Volume["traits"] {
    return this.#volume.traits;
  }

  /** The whole body again. After an attempt with an unknown outcome, OBJECT_EXISTS may be that attempt's own object: its bytes decide. */
  put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
    return this.#again(signal, async (attempt) => {
      try {
        return await this.#volume.put(key, body, signal);
      } catch (error) {
        if (attempt === 0 || !isFault(error, "OBJECT_EXISTS") || !(await holdsExactly(this.#volume, key, body, signal))) throw error;
        return "none";
      }
    });
  }

  get(...call: Parameters<Volume["get"]>): Promise<number> {
    return this.#again(call[3], () => this.#volume.get(...call));
  }

  remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void> {
    return this.#again(signal, () => this.#volume.remove(keys, signal));
  }

  /** Asks again for those that were not answered yet. */
  stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncIterable<ObjectStat> {
    const open = new Set(keys);
    return this.#resumed(
      signal,
      () => this.#volume.stat([...open], signal),
      ({ key }) => void open.delete(key),
    );
  }

  /** Goes on after the last object that was listed. */
  list(after: ObjectKey | undefined, signal: AbortSignal): AsyncIterable<ObjectStat> {
    let last = after;
    return this.#resumed(
      signal,
      () => this.#volume.list(last, signal),
      ({ key }) => {
        last = key;
      },
    );
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#volume[Symbol.asyncDispose]();
  }

  async #again<T>(signal: AbortSignal, work: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await work(attempt);
        this.#budget.earn();
        return answer;
      } catch (error) {
        await this.#pauseOrThrow(error, attempt, signal);
      }
    }
  }

  async *#resumed(signal: AbortSignal, start: () => AsyncIterable<ObjectStat>, noted: (one: ObjectStat) => void): AsyncGenerator<ObjectStat> {
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const one of start()) {
          noted(one);
          attempt = 0;
          yield one;
        }
        return this.#budget.earn();
      } catch (error) {
        await this.#pauseOrThrow(error, attempt, signal);
      }
    }
  }

  /** Work that goes on behind its failure is not repeated: both attempts would have the same memory. */
  async #pauseOrThrow(error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    if (!isFault(error, "VOLUME_UNREACHABLE") || lateWork(error)) throw error;
    if (!(await this.#budget.pause(attempt, retryAfterMs(error), signal))) throw error;
  }
}
