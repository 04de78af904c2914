import type { Coordinator } from "./coordinator.ts";

export interface Fixture {
  readonly one: Coordinator;
  /** Another process's, or the same one where there is no other. */
  readonly other: Coordinator;
  dispose(): Promise<void>;
}
