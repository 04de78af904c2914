/** What the moving parts work with, put together once by whoever opens a store. */
import type { World } from "../core/world/index.ts";
import type { Arena } from "../machine/arena.ts";
import type { HeaderReader } from "../machine/headers/index.ts";
import type { DataPool } from "../machine/pool.ts";
import type { ChunkCache } from "../places/cache/index.ts";
import type { Catalog } from "../places/catalog/index.ts";
import type { Coordination } from "../places/coordinate/index.ts";
import type { VolumeSet } from "./volume-set.ts";

export interface Engine {
  readonly world: World;
  readonly catalog: Catalog;
  readonly volumes: VolumeSet;
  readonly arena: Arena;
  readonly pool: DataPool;
  readonly headers: HeaderReader;
  readonly cache: ChunkCache;
  readonly coordination: Coordination;
}
