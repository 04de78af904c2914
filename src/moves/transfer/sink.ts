/** Where a load puts its windows. */
import type { Window } from "./plan.ts";

export interface Sink {
  /** The sink's own memory for a window, in shared memory; undefined asks for arena memory. */
  memoryFor(window: Window): Uint8Array | undefined;
  /** Fills the memory with what the sink already has of the window: all of its stretches, some, or none. Nothing of it is trusted. */
  recall(window: Window, memory: Uint8Array, signal: AbortSignal): Promise<"all" | "some" | "none">;
  /** Takes the finished window. `unchanged`: it is what `recall` gave, all of it. The memory is reused afterwards. */
  deliver(window: Window, memory: Uint8Array, unchanged: boolean, signal: AbortSignal): Promise<void>;
}
