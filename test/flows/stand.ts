/** A real store in a temporary folder, with local volumes beside each other, and the means to hurt it. For tests of the flows. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseModelName, parseRefName, type VolumeName } from "../../src/core/names.ts";
import { MiB } from "../../src/core/units.ts";
import { realWorld, type World } from "../../src/core/world/index.ts";
import { type LoadResult, load } from "../../src/flows/load.ts";
import { type PushRequest, type PushResult, push } from "../../src/flows/push.ts";
import { Arena } from "../../src/machine/arena.ts";
import { openHeaderReader } from "../../src/machine/headers/index.ts";
import { deskOffset } from "../../src/machine/memory-map.ts";
import { DataPool } from "../../src/machine/pool.ts";
import { pooledDisk } from "../../src/machine/pooled-disk.ts";
import type { Engine } from "../../src/moves/engine.ts";
import { VolumeSet } from "../../src/moves/volume-set.ts";
import { ChunkCache, type TierSettings } from "../../src/places/cache/index.ts";
import type { TierEnvironment } from "../../src/places/cache/tier-settings.ts";
import { type Catalog, openCatalog, type VolumeRow } from "../../src/places/catalog/index.ts";
import { Coordination } from "../../src/places/coordinate/index.ts";
import { coordinatorWith, locksOfTests } from "../../src/places/coordinate/test-tools.ts";
import { claimVolume, type OpenEnvironment, openAsFound, openVolume } from "../../src/places/volumes/index.ts";

export const never = new AbortController().signal;
export const quiet = (): void => {};
const workers = 2;
/** For caches, the room of what waits included. */
const regionBytesMax = 256 * MiB;

/** The real world with a wall clock that can be moved on, and a monotonic one that can be stopped. */
export class MovedWorld implements World {
  aheadMs = 0;
  stoppedAt: number | undefined;
  readonly ticks = () => this.stoppedAt ?? realWorld.ticks();
  readonly random = realWorld.random;
  readonly id = realWorld.id;
  readonly sleep = realWorld.sleep;
  readonly now = () => realWorld.now() + this.aheadMs;
}

export type Files = Readonly<Record<string, Uint8Array>>;

export class Stand implements AsyncDisposable {
  readonly folder: string;
  readonly world: MovedWorld;
  readonly engine: Engine;
  readonly environment: OpenEnvironment;
  readonly #stack: AsyncDisposableStack;
  #serial = 0;

  private constructor(folder: string, world: MovedWorld, engine: Engine, environment: OpenEnvironment, stack: AsyncDisposableStack) {
    this.folder = folder;
    this.world = world;
    this.engine = engine;
    this.environment = environment;
    this.#stack = stack;
  }

  static async make(volumes: number, tiers: readonly TierSettings[] = []): Promise<Stand> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-stand-"));
    const world = new MovedWorld();
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const arena = new Arena(256 * MiB, deskOffset(workers) + regionBytesMax);
    const pool = stack.use(new DataPool(arena, workers));
    const headers = stack.use(openHeaderReader(world));
    const environment: OpenEnvironment = { world, disk: pooledDisk(pool) };
    const catalog = stack.use(await openCatalog(`sqlite:${join(folder, "catalog.sqlite")}`, world, { create: true }));
    const set = stack.use(volumeSet(catalog, world, environment));
    const engine: Engine = {
      world,
      catalog,
      volumes: set,
      arena,
      pool,
      headers,
      cache: stack.use(new ChunkCache(tiers, cacheEnvironment(arena, pool, world))),
      coordination: stack.use(coordinationOfTests(world)),
    };
    const stand = new Stand(folder, world, engine, environment, stack.move());
    for (let number = 1; number <= volumes; number++) await stand.addVolume(`v${number}`);
    return stand;
  }

  get catalogPath(): string {
    return join(this.folder, "catalog.sqlite");
  }

  /** The same volumes, memory and workers, with the catalog that is there now. */
  async reopened(): Promise<Engine & AsyncDisposable> {
    const catalog = await openCatalog(`sqlite:${this.catalogPath}`, this.world, { create: false });
    const volumes = volumeSet(catalog, this.world, this.environment);
    volumes.setRows(await catalog.volumes());
    return {
      ...this.engine,
      catalog,
      volumes,
      async [Symbol.asyncDispose]() {
        await volumes[Symbol.asyncDispose]();
        await catalog[Symbol.asyncDispose]();
      },
    };
  }

  root(name: string): string {
    return join(this.folder, "volumes", name);
  }

  async addVolume(name: string): Promise<void> {
    const row: VolumeRow = { name: name as VolumeName, url: this.root(name), id: this.world.id(), failureDomain: name, weight: 1, state: "active" };
    await using _ = await claimVolume(row, this.engine.catalog.clusterId, this.environment);
    await this.engine.catalog.setVolume(row);
    this.engine.volumes.setRows(await this.engine.catalog.volumes());
  }

  async push(files: Files, more: Partial<Omit<PushRequest, "model" | "ref">> & { model?: string; ref?: string; replicas?: number } = {}): Promise<PushResult> {
    const source = join(this.folder, `source-${++this.#serial}`);
    await writeFiles(source, files);
    const { model = "ns/model", ref = "main", replicas = 2, ...rest } = more;
    const request: PushRequest = {
      ...{ path: source, model: parseModelName(model), ref: parseRefName(ref), durability: { replicas, replicasMin: replicas } },
      ...{
        waitCopiesMs: 0,
        strategy: "hash",
        groups: 4,
        seed: "",
        parent: undefined,
        expected: undefined,
        encode: "auto",
        strict: false,
        followLinks: false,
        message: "",
      },
      ...rest,
    };
    const result = await push(this.engine, request, quiet, never);
    await rm(source, { recursive: true });
    return result;
  }

  /** Loads into a new folder and compares every byte. */
  async expectLoads(files: Files, model = "ns/model", engine = this.engine): Promise<LoadResult> {
    const folder = join(this.folder, `loaded-${++this.#serial}`);
    const [name, revision] = model.split("@");
    const at = { model: parseModelName(name as string), revision };
    const result = await load(engine, { at, folder, include: [], exclude: [], tensors: [], rank: undefined }, quiet, never);
    for (const [path, bytes] of Object.entries(files)) assert.deepEqual(sha256(await readFile(join(folder, path))), sha256(bytes), path);
    await rm(folder, { recursive: true });
    return result;
  }

  /** Paths of all objects on a volume, those of identities too. */
  async objectFiles(name: string): Promise<string[]> {
    const root = this.root(name);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return paths.filter((path) => !relative(root, path).startsWith("tmp")).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** As if other processes took part, so that loads take turns; with locks that lie where that is asked for. */
function coordinationOfTests(world: World): Coordination {
  return new Coordination(coordinatorWith(locksOfTests()), world, { waitMs: 100, leaseMs: 5000 });
}

/** A cache that lends its memory from behind the desks of the workers. */
export function cacheEnvironment(arena: Arena, pool: DataPool, world: World): TierEnvironment {
  let at = deskOffset(workers);
  const region = (bytes: number): Arena => {
    const start = at;
    at += bytes;
    assert.ok(at <= deskOffset(workers) + regionBytesMax, "the stand has memory for its regions");
    return new Arena(bytes, start, arena.memory);
  };
  return { world, disk: pooledDisk(pool), copyOut: (chunks) => pool.run({ kind: "copy-out", chunks }), region };
}

function volumeSet(catalog: Catalog, world: World, environment: OpenEnvironment): VolumeSet {
  return new VolumeSet(
    [],
    world,
    (row, health) => openVolume(row, catalog.clusterId, { ...environment, health }),
    (row, health) => openAsFound(row, { ...environment, health }),
  );
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function flipBit(path: string, bit: number): Promise<void> {
  await using file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, Math.floor(bit / 8));
  byte[0] = (byte[0] as number) ^ (1 << (bit % 8));
  await file.write(byte, 0, 1, Math.floor(bit / 8));
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** Bytes that do not compress, the same for the same seed. */
function noise(bytes: number, seed: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[at] = state >>> 24;
  }
  return out;
}

/** A safetensors file of bf16 tensors that look like weights; `change` moves a part of the last tensor. */
export function weights(tensors: number, rows: number, seed: number, change = 0): Uint8Array {
  const columns = 512;
  const bytes = rows * columns * 2;
  const header: Record<string, object> = {};
  for (let t = 0; t < tensors; t++) header[`layer.${t}.weight`] = { dtype: "BF16", shape: [rows, columns], data_offsets: [t * bytes, (t + 1) * bytes] };
  const json = Buffer.from(JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + tensors * bytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  const body = out.subarray(8 + json.length);
  const random = noise(body.length, seed);
  for (let at = 0; at < body.length; at += 2) {
    body[at] = random[at] as number;
    body[at + 1] = 0x3c + ((random[at + 1] as number) & 1) + (((random[at + 1] as number) & 2) << 6);
  }
  for (let at = body.length - change; at < body.length; at += 64) body[at] = (body[at] as number) ^ 3;
  return out;
}
