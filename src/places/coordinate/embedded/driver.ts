import type { World } from "../../../core/world/index.ts";
import type { Coordinator } from "../coordinator.ts";
import { EmbeddedCounters } from "./counters.ts";
import { EmbeddedEvents } from "./events.ts";
import { EmbeddedLocks } from "./locks.ts";

export class EmbeddedCoordinator implements Coordinator {
  readonly shared = false;
  readonly locks: EmbeddedLocks;
  readonly counters = new EmbeddedCounters();
  readonly events = new EmbeddedEvents();

  constructor(world: World) {
    this.locks = new EmbeddedLocks(world);
  }

  async check(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
