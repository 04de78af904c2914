/** Where a worker's time goes: every moment of a job belongs to the innermost stage that is under way. */
import type { Job } from "./jobs.ts";

/** A job is a stage, and within it are others: reading a source file, the digests of chunks, the SHA-256 of files. */
export type Stage = Job["kind"] | "source" | "digest";

export type SpentMs = Partial<Record<Stage, number>>;

export class Stopwatch {
  readonly #ticks: () => number;
  #spent: SpentMs = {};
  #stage: Stage | undefined;
  #since = 0;

  /** `ticks`: monotonic milliseconds. */
  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  within<T>(stage: Stage, work: () => T): T {
    const outer = this.#stage;
    this.#go(stage);
    try {
      return work();
    } finally {
      this.#go(outer);
    }
  }

  /** What was spent since the last time it was taken. */
  take(): SpentMs {
    const spent = this.#spent;
    this.#spent = {};
    return spent;
  }

  #go(stage: Stage | undefined): void {
    const now = this.#ticks();
    if (this.#stage) this.#spent[this.#stage] = (this.#spent[this.#stage] ?? 0) + now - this.#since;
    this.#stage = stage;
    this.#since = now;
  }
}
