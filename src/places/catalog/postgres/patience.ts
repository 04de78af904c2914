/** Trying again for as long as a server that restarts, or a standby that takes over, may need. */
import { fault, isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";

const pauseMsMin = 20;
const pauseMsMax = 500;

export interface Patience {
  readonly world: World;
  readonly waitMs: number;
  /** Ends the waiting: the catalog was closed. */
  readonly closing: AbortSignal;
  readonly mayPass: (error: unknown) => boolean;
}

/**
 * Runs `attempt` until it does not fail for something that may pass, with growing, jittered pauses, and throws its last error when `waitMs` have passed since
 * the first: a connection may take longer than that to be found dead.
 */
export async function patiently<T>({ world, waitMs, closing, mayPass }: Patience, attempt: () => Promise<T>): Promise<T> {
  let deadline: number | undefined;
  for (let round = 0; ; round++) {
    try {
      return await attempt();
    } catch (error) {
      deadline ??= world.ticks() + waitMs;
      if (!mayPass(error) || world.ticks() >= deadline) throw error;
    }
    const pauseMs = Math.min(pauseMsMax, pauseMsMin * 2 ** round);
    await world.sleep(pauseMs * (0.5 + world.random() / 2), closing).catch(throwClosed);
  }
}

function throwClosed(error: unknown): never {
  throw isFault(error, "CANCELLED") ? fault("CATALOG_UNREACHABLE", "the catalog was closed", { cause: error }) : error;
}
