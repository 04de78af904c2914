/** What lets processes take turns, count together and tell each other things. Every call may throw CACHE_UNREACHABLE, which is for the wrapper to swallow, and CANCELLED. */
import type { World } from "../../core/world/index.ts";
import type { Counters } from "./counters.ts";
import type { Events } from "./events.ts";
import type { Locks } from "./locks.ts";

export interface Coordinator extends AsyncDisposable {
  /** Whether other processes take part. */
  readonly shared: boolean;
  readonly locks: Locks;
  readonly counters: Counters;
  readonly events: Events;
  /** Throws CACHE_UNREACHABLE or ACCESS_DENIED, also through the wrapper, while others cannot be reached: for whoever looks after a store. */
  check(signal: AbortSignal): Promise<void>;
}

export interface CoordinatorEnvironment {
  readonly world: World;
  /** Those who coordinate are those of one cluster. */
  readonly clusterId: string;
  /** For credentials. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface CoordinatorDriver {
  /** Throws CONFIG_INVALID for a URL that cannot be used. Asks nobody yet. */
  open(url: string, environment: CoordinatorEnvironment): Coordinator;
}
