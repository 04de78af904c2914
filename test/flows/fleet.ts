/** Several processes' worth of engines over one store: each with a cache and coordination of its own, on the same servers. */
import type { Engine } from "../../src/moves/engine.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import { announcing, openCoordination } from "../../src/places/coordinate/index.ts";
import { cacheEnvironment, type Stand } from "./stand.ts";

export interface FleetSettings {
  readonly tier: TierSettings;
  /** For `openCoordination`. */
  readonly coordinate: string;
}

/** Keys are those of the stand's cluster, so they are nobody else's. */
export async function fleetOf(
  stand: Stand,
  size: number,
  { tier, coordinate }: FleetSettings,
): Promise<{ readonly engines: readonly Engine[] } & AsyncDisposable> {
  const { arena, pool, world, catalog } = stand.engine;
  const environment = cacheEnvironment(arena, pool, world);
  const stack = new AsyncDisposableStack();
  const engines: Engine[] = [];
  for (let number = 0; number < size; number++) {
    const coordination = stack.use(await openCoordination(coordinate, { world, clusterId: catalog.clusterId }));
    const cache = stack.use(new ChunkCache([tier], environment));
    engines.push({ ...stand.engine, cache, coordination, catalog: announcing(catalog, coordination.coordinator.events) });
  }
  return { engines, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
