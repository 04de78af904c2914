/** The engine of a store, whose memory and threads come to be when something first asks for them: listing models needs neither. */
import type { World } from "../core/world/index.ts";
import { Arena } from "../machine/arena.ts";
import type { HeaderReader } from "../machine/headers/index.ts";
import { deskOffset } from "../machine/memory-map.ts";
import { DataPool } from "../machine/pool.ts";
import { pooledDisk } from "../machine/pooled-disk.ts";
import type { Engine } from "../moves/engine.ts";
import { VolumeSet } from "../moves/volume-set.ts";
import type { Catalog, VolumeRow } from "../places/catalog/index.ts";
import { type OpenEnvironment, openAsFound, openVolume } from "../places/volumes/index.ts";

export interface EngineSize {
  /** Lent out for chunks; the workers' own memory comes on top. */
  readonly arenaBytes: number;
  readonly workers: number;
}

export class StoreEngine implements Engine, AsyncDisposable {
  readonly world: World;
  readonly catalog: Catalog;
  readonly volumes: VolumeSet;
  readonly headers: HeaderReader & AsyncDisposable;
  readonly volumeEnvironment: OpenEnvironment;
  readonly #size: EngineSize;
  #arena: Arena | undefined;
  #pool: DataPool | undefined;

  /** `folder` is where relative places start. */
  constructor(world: World, catalog: Catalog, rows: readonly VolumeRow[], folder: string, size: EngineSize) {
    this.world = world;
    this.catalog = catalog;
    this.#size = size;
    this.headers = lazyHeaders(world);
    this.volumeEnvironment = { world, base: folder, disk: pooledDisk({ run: (job, bound) => this.pool.run(job, bound) }) };
    this.volumes = new VolumeSet(
      rows,
      world,
      (row) => openVolume(row, catalog.clusterId, this.volumeEnvironment),
      (row) => openAsFound(row, this.volumeEnvironment),
    );
  }

  get arena(): Arena {
    this.#arena ??= new Arena(this.#size.arenaBytes, deskOffset(this.#size.workers));
    return this.#arena;
  }

  get pool(): DataPool {
    this.#pool ??= new DataPool(this.arena, this.#size.workers);
    return this.#pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    stack.use(this.catalog);
    if (this.#pool) stack.use(this.#pool);
    stack.use(this.headers);
    stack.use(this.volumes);
  }
}

/** The parsers of all formats are loaded with the first header that is read. */
function lazyHeaders(world: World): HeaderReader {
  let reader: Promise<HeaderReader> | undefined;
  const opened = (): Promise<HeaderReader> => (reader ??= import("../machine/headers/index.ts").then(({ openHeaderReader }) => openHeaderReader(world)));
  return {
    layout: async (path, fileName, bytes, signal) => (await opened()).layout(path, fileName, bytes, signal),
    [Symbol.asyncDispose]: async () => (await reader)?.[Symbol.asyncDispose](),
  };
}
