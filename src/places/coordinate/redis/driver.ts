import type { World } from "../../../core/world/index.ts";
import type { Coordinator, CoordinatorEnvironment } from "../coordinator.ts";
import { RedisCounters } from "./counters.ts";
import { RedisEvents } from "./events.ts";
import { RedisLocks } from "./locks.ts";
import { coordinatePlaceOf } from "./place.ts";
import { Servers } from "./servers.ts";

/** So many that each of a few servers has one. */
const namesChecked = 32;
const checkLeaseMs = 1000;

export class RedisCoordinator implements Coordinator {
  readonly shared = true;
  readonly locks: RedisLocks;
  readonly counters: RedisCounters;
  readonly events: RedisEvents;
  readonly #servers: Servers;
  readonly #world: World;

  constructor(url: string, { world, clusterId, env }: CoordinatorEnvironment) {
    const place = coordinatePlaceOf(url, env);
    const prefix = `${place.prefix}:${clusterId}`;
    this.#world = world;
    this.#servers = new Servers(place, world);
    this.locks = new RedisLocks(this.#servers, prefix, world);
    this.counters = new RedisCounters(this.#servers, prefix);
    this.events = new RedisEvents(this.#servers, prefix, world);
  }

  /** That the servers give locks, for which they have to be reached and to run scripts. */
  async check(signal: AbortSignal): Promise<void> {
    const names = Array.from({ length: namesChecked }, (_, at) => `check/${at}-${this.#world.id()}`);
    const held = await this.locks.take(names, checkLeaseMs, signal);
    await this.locks.release(held.filter((one) => one !== undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.events.close();
    this.#servers[Symbol.dispose]();
  }
}
