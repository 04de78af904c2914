/**
 * The second story: ref → version → manifest → plan (only what is asked for) → places → volumes → decoded and verified
 * → bytes at their place. Into a folder, what is there already is verified and kept; what is damaged on the way is read
 * from another replica and mended afterwards.
 */
import { resolve } from "node:path";
import type { Manifest } from "../core/manifest.ts";
import { domainOf, type VersionId } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import {
  archIn,
  filesWanted,
  partForRank,
  type RankWish,
  rankTargets,
  safetensorsTarget,
  type TensorPart,
  tensorsWanted,
  wholeTensor,
} from "../moves/select/index.ts";
import {
  dropScratch,
  FileSink,
  fileWindows,
  presentTargets,
  Replicas,
  runWindows,
  type Target,
  type WindowReport,
  wholeFile,
  windowBytesFor,
  windowsOf,
} from "../moves/transfer/index.ts";
import { loadManifest, type ModelAt, resolveVersion } from "../moves/versions/index.ts";
import { underLease } from "./lease.ts";
import type { Progress } from "./progress.ts";
import { repairDamage } from "./repair.ts";
import { lockTarget } from "./target-lock.ts";

export interface Wish {
  readonly at: ModelAt;
  /** Patterns of paths; empty: all files. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Patterns of tensor names: not the files but one file `tensors.safetensors` with these, of the files that are wanted. */
  readonly tensors: readonly string[];
  /** What one rank of a tensor-parallel group needs. */
  readonly rank: RankWish | undefined;
}

export interface LoadRequest extends Wish {
  readonly folder: string;
}

export interface LoadResult {
  readonly version: VersionId;
  readonly files: number;
  readonly bytes: number;
  /** Read from volumes by this load. */
  readonly fetchedBytes: number;
  /** Asked of a second replica besides, since the first took long. */
  readonly hedgedBytes: number;
  /** Read from tiers of the cache instead. */
  readonly cachedBytes: number;
  /** Of `bytes`: what the folder had already, verified. */
  readonly resumedBytes: number;
  /** Replicas that were found damaged and are whole again. */
  readonly repaired: number;
}

/** A version that stays whole while it is read, whatever is removed meanwhile. */
export interface Reading {
  readonly version: VersionId;
  readonly manifest: Manifest;
  readonly replicas: Replicas;
  readonly signal: AbortSignal;
}

export async function withVersion<T>(engine: Engine, at: ModelAt, signal: AbortSignal, work: (reading: Reading) => Promise<T>): Promise<T> {
  return underLease(engine, engine.world.id(), signal, async (intent, leased) => {
    try {
      const row = await resolveVersion(engine.catalog, at);
      await engine.catalog.pinVersion(intent, row.model, row.id);
      const replicas = new Replicas(engine);
      const manifest = await loadManifest(engine, row.manifest, replicas, leased);
      return await work({ version: row.id, manifest, replicas, signal: leased });
    } finally {
      await engine.catalog.closeIntent(intent);
    }
  });
}

export async function load(engine: Engine, request: LoadRequest, progress: Progress, signal: AbortSignal): Promise<LoadResult> {
  return withVersion(engine, request.at, signal, async (reading) => {
    const targets = await targetsOf(engine, reading, request);
    const bytes = bytesOf(targets);
    const resumedBytes = await intoFolder(engine, reading, resolve(request.folder), targets, progress);
    const repaired = await repairDamage(engine, reading.replicas.damage.repairable, reading.signal);
    return {
      version: reading.version,
      files: targets.length,
      bytes,
      fetchedBytes: reading.replicas.fetchedBytes,
      hedgedBytes: reading.replicas.hedgedBytes,
      cachedBytes: reading.replicas.cachedBytes,
      resumedBytes,
      repaired,
    };
  });
}

function bytesOf(targets: readonly Target[]): number {
  return targets.reduce((sum, target) => sum + target.bytes, 0);
}

async function targetsOf(engine: Engine, reading: Reading, wish: Wish): Promise<Target[]> {
  const { manifest } = reading;
  if (wish.tensors.length > 0) return [safetensorsTarget("tensors.safetensors", await partsWanted(engine, reading, wish), new Map([["format", "pt"]]))];
  const files = filesWanted(manifest, wish);
  return wish.rank ? rankTargets({ engine, domain: domainOf(manifest.model), ...reading }, manifest, files, wish.rank) : files.map(wholeFile);
}

/** The tensors that are wanted, all where none is named, of the files that are wanted, whole or as a rank has them. */
export async function partsWanted(engine: Engine, reading: Reading, { tensors, rank, ...filter }: Wish): Promise<TensorPart[]> {
  const { manifest } = reading;
  const files = new Set(filesWanted(manifest, filter));
  const found = tensorsWanted(manifest, tensors.length > 0 ? tensors : ["*"]).filter(({ file }) => files.has(file));
  const arch = rank && (await archIn({ engine, domain: domainOf(manifest.model), ...reading }, manifest));
  return found.map((at) => (rank ? partForRank(at, rank, arch) : { ...at, shape: at.tensor.shape, slices: [wholeTensor(at.tensor)] }));
}

/** Returns the bytes that were there already. */
export async function intoFolder(engine: Engine, reading: Reading, folder: string, targets: readonly Target[], progress: Progress): Promise<number> {
  const lock = await lockTarget(folder, engine.world, reading.signal);
  try {
    return await fill(engine, reading, folder, targets, progress);
  } finally {
    await lock[Symbol.asyncDispose]();
    await dropScratch(folder);
  }
}

async function fill(engine: Engine, { signal, replicas, manifest }: Reading, folder: string, targets: readonly Target[], progress: Progress): Promise<number> {
  const present = await presentTargets(engine, folder, targets, signal);
  const wanted = targets.filter((_, index) => !present[index]);
  const total = bytesOf(targets);
  let resumed = total - bytesOf(wanted);
  let done = resumed;
  progress({ step: "loading", bytes: done, total });
  const report = ({ bytes, recalledBytes }: WindowReport): void => {
    resumed += recalledBytes;
    done += bytes;
    progress({ step: "loading", bytes: done, total });
  };
  const sink = new FileSink(engine, folder, wanted);
  await sink.begin();
  const windows = windowsOf(wanted, { ...fileWindows, bytes: windowBytesFor(engine.volumes.rows) });
  const run = { engine, replicas, sink, signal, domain: domainOf(manifest.model), loadBytes: bytesOf(wanted), report };
  await runWindows(run, windows).finally(() => sink.settled());
  await sink.end();
  return resumed;
}
