/** Where a load puts its windows. */
import type { Window } from "./plan.ts";

export interface Sink {
  /** The sink's own memory for a window, in shared memory; undefined asks for arena memory. */
  memoryFor(window: Window): Uint8Array | undefined;
  /** Fills the memory with what the sink already has of the window; false where it has nothing. */
  recall(window: Window, memory: Uint8Array, signal: AbortSignal): Promise<boolean>;
  /** Takes the finished window. The memory is reused afterwards. */
  deliver(window: Window, memory: Uint8Array, signal: AbortSignal): Promise<void>;
}
