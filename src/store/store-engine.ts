/** The engine of a store, whose memory and threads come to be when something first asks for them: listing models needs neither. */
import { limits } from "../core/limits.ts";
import type { World } from "../core/world/index.ts";
import { Arena } from "../machine/arena.ts";
import { pooledChecksums } from "../machine/checksums.ts";
import type { HeaderReader } from "../machine/headers/index.ts";
import type { Job } from "../machine/jobs.ts";
import { deskOffset } from "../machine/memory-map.ts";
import { DataPool, type PoolMeasures } from "../machine/pool.ts";
import { pooledDisk } from "../machine/pooled-disk.ts";
import type { Engine } from "../moves/engine.ts";
import { VolumeSet } from "../moves/volume-set.ts";
import { ChunkCache, type TierSettings } from "../places/cache/index.ts";
import type { Catalog, VolumeRow } from "../places/catalog/index.ts";
import { announcing, type Coordination } from "../places/coordinate/index.ts";
import { type OpenEnvironment, openAsFound, openVolume } from "../places/volumes/index.ts";

export interface EngineSize {
  /** Lent out for chunks; the workers' own memory comes on top. */
  readonly arenaBytes: number;
  readonly workers: number;
  /** Lent to memory tiers of the cache. */
  readonly cacheBytes: number;
}

/** What works on bytes, whatever store they are of. */
export class Machinery implements AsyncDisposable {
  readonly world: World;
  readonly headers: HeaderReader;
  /** For opening volumes; relative ones start from a folder. */
  readonly environment: OpenEnvironment;
  readonly #size: EngineSize;
  #arena: Arena | undefined;
  #pool: DataPool | undefined;
  /** Where the next region of the cache starts. */
  #regionAt: number;

  /** `env`: where volumes look for credentials. */
  constructor(world: World, folder: string, size: EngineSize, env: OpenEnvironment["env"] = {}) {
    this.world = world;
    this.#size = size;
    this.#regionAt = deskOffset(size.workers);
    this.headers = lazyHeaders(world);
    const pool = { run: <J extends Job>(job: J, bound?: number) => this.pool.run(job, bound) };
    this.environment = { world, base: folder, disk: pooledDisk(pool), checksums: pooledChecksums(pool), env };
  }

  get arena(): Arena {
    this.#arena ??= new Arena(this.#size.arenaBytes, deskOffset(this.#size.workers) + regionBytes(this.#size.cacheBytes));
    return this.#arena;
  }

  /** A part of the memory, for a cache: workers decode from it where it lies. */
  region(bytes: number): Arena {
    const start = this.#regionAt;
    this.#regionAt += toPages(bytes);
    if (this.#regionAt > deskOffset(this.#size.workers) + regionBytes(this.#size.cacheBytes)) throw new RangeError("more regions than memory was reserved for");
    return new Arena(toPages(bytes), start, this.arena.memory);
  }

  get pool(): DataPool {
    this.#pool ??= new DataPool(this.arena, this.#size.workers);
    return this.#pool;
  }

  /** What the workers have done; does not start them. */
  measures(): PoolMeasures {
    return this.#pool?.measures() ?? { workers: this.#size.workers, jobs: {}, busyMs: {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    if (this.#pool) stack.use(this.#pool);
    stack.use(this.headers);
  }
}

function toPages(bytes: number): number {
  return Math.ceil(bytes / 65536) * 65536;
}

/** Tiers, each rounded up, and what waits to be written to slow ones. */
export function regionBytes(cacheBytes: number): number {
  return cacheBytes === 0 ? limits.cacheBehindBytes : toPages(cacheBytes) + limits.tiersMax * 65536 + limits.cacheBehindBytes;
}

export class StoreEngine implements Engine, AsyncDisposable {
  readonly machinery: Machinery;
  readonly catalog: Catalog;
  readonly volumes: VolumeSet;
  readonly cache: ChunkCache;
  readonly coordination: Coordination;

  /** Takes over the machinery, the catalog and the coordination. */
  constructor(machinery: Machinery, catalog: Catalog, coordination: Coordination, rows: readonly VolumeRow[], tiers: readonly TierSettings[] = []) {
    const { world, environment } = machinery;
    this.machinery = machinery;
    this.catalog = announcing(catalog, coordination.coordinator.events);
    this.coordination = coordination;
    this.cache = new ChunkCache(tiers, {
      world,
      disk: environment.disk,
      copyOut: (chunks) => machinery.pool.run({ kind: "copy-out", chunks }),
      region: (bytes) => machinery.region(bytes),
      env: environment.env ?? {},
    });
    this.volumes = new VolumeSet(
      rows,
      world,
      (row, health) => openVolume(row, catalog.clusterId, { ...environment, health }),
      (row, health) => openAsFound(row, { ...environment, health }),
    );
  }

  get world(): World {
    return this.machinery.world;
  }

  get headers(): HeaderReader {
    return this.machinery.headers;
  }

  get arena(): Arena {
    return this.machinery.arena;
  }

  get pool(): DataPool {
    return this.machinery.pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    stack.use(this.coordination);
    stack.use(this.catalog);
    stack.use(this.machinery);
    stack.use(this.volumes);
    stack.use(this.cache);
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
