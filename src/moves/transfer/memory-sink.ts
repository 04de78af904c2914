/** Targets as memory: each window is made where it belongs, so nothing is copied. One target at a time. */
import type { Window } from "./plan.ts";
import type { Sink } from "./sink.ts";

export class MemorySink implements Sink {
  readonly #memory: Uint8Array;

  constructor(memory: Uint8Array) {
    this.#memory = memory;
  }

  memoryFor(window: Window): Uint8Array {
    const start = window.stretches[0]?.start ?? 0;
    return this.#memory.subarray(start, start + window.bytes);
  }

  async recall(): Promise<"none"> {
    return "none";
  }

  async deliver(): Promise<void> {}
}
