/** Waiting for a lock that another process holds, in timers, so that the event loop goes on. */
import type { World } from "../../../core/world/index.ts";
import { catalogFault, isBusy } from "./faults.ts";

const pauseMsMax = 50;

/**
 * Runs `attempt` until it is not refused for a lock, with growing, jittered pauses. Throws CATALOG_UNREACHABLE after `waitMs`, and the
 * fault of any other error at once. `attempt` must have changed nothing when it is refused.
 */
export async function untilFree<T>(attempt: () => T, path: string, world: World, waitMs: number): Promise<T> {
  const deadline = world.ticks() + waitMs;
  const never = new AbortController().signal;
  for (let round = 0; ; round++) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || world.ticks() >= deadline) throw catalogFault(error, path);
    }
    await world.sleep(1 + world.random() * Math.min(pauseMsMax, 2 ** round), never);
  }
}
