/**
 * A new catalog from the volumes alone: identities give the cluster, lists the objects, shards the chunks, manifests the versions, the ref log the
 * refs. It grows beside the old one and takes its place at the end, so that a rebuild that dies changes nothing.
 */
import { fault, type HoldfastError, isFault } from "../core/errors.ts";
import type { VolumeName } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { Rebuilding } from "../moves/upkeep/index.ts";
import { VolumeSet } from "../moves/volume-set.ts";
import { noCache } from "../places/cache/index.ts";
import { catalogBeside, discardCatalog, openCatalog, swapCatalog, type VolumeRow } from "../places/catalog/index.ts";
import { openCoordination } from "../places/coordinate/index.ts";
import { type OpenEnvironment, openAsFound, openVolume, readIdentity, repairIdentity, type Volume, type VolumeIdentity } from "../places/volumes/index.ts";
import type { Progress } from "./progress.ts";

export interface RebuildRequest {
  /** Of the catalog that is gone, damaged or too old. Nothing of it is read. */
  readonly catalogUrl: string;
  /** All volumes of the store, as its settings have them. */
  readonly volumes: readonly Omit<VolumeRow, "id">[];
  /** What an object wants at least; more where more are found. */
  readonly replicas: number;
  /** Goes on without volumes that are not there. They stay in the catalog, under an id that nothing has, so that nothing is collected before they are back. */
  readonly allowMissing: boolean;
}

export interface RebuildReport {
  readonly volumes: number;
  /** Names of those that were not there. */
  readonly missingVolumes: readonly VolumeName[];
  readonly objects: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly versions: number;
  readonly refs: number;
  /** Objects that no volume has right. */
  readonly damaged: number;
  /** Versions without a readable manifest, or without all their chunks. */
  readonly lostVersions: number;
  /** Numbers of the ref log that no volume has a line for. */
  readonly lostLogLines: number;
  /** Where the old catalog is kept; undefined when there was none. */
  readonly kept: string | undefined;
}

/** What a rebuild needs of an engine that has no catalog yet. */
export type RebuildParts = Pick<Engine, "world" | "arena" | "pool" | "headers"> & { readonly environment: OpenEnvironment };

/** A lost catalog may have numbered as many objects beyond the last that is seen: a delete that it decided must not hit what is stored next. */
const generationsSkipped = 1_000_000;

/**
 * Throws VOLUME_UNREACHABLE, VOLUME_IDENTITY_MISSING or VOLUME_FOREIGN for a volume that is not there or not of this store, REF_CONFLICT when
 * the volumes carry two histories, CATALOG_UNREACHABLE while another process has the old catalog open.
 */
export async function rebuild(parts: RebuildParts, request: RebuildRequest, progress: Progress, signal: AbortSignal): Promise<RebuildReport> {
  const fresh = await catalogBeside(request.catalogUrl);
  await discardCatalog(fresh, parts.world);
  try {
    const report = await fill(parts, request, fresh, progress, signal);
    return { ...report, kept: await swapCatalog(fresh, request.catalogUrl, parts.world) };
  } catch (error) {
    await discardCatalog(fresh, parts.world);
    throw error;
  }
}

async function fill(
  parts: RebuildParts,
  request: RebuildRequest,
  fresh: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Omit<RebuildReport, "kept">> {
  const { world, environment } = parts;
  const { clusterId, rows, missing } = await recognize(parts, request, signal);
  await using catalog = await openCatalog(fresh, world, { create: true, clusterId });
  for (const row of rows) await catalog.setVolume(row);
  await using volumes = new VolumeSet(rows, world, (row) => openVolume(row, clusterId, environment));
  const there = await Promise.all(rows.filter((row) => !missing.includes(row.name)).map((row) => volumes.get(row.name)));
  await using coordination = await openCoordination("embedded", { world, clusterId });
  const work = new Rebuilding({ ...parts, catalog, volumes, cache: noCache(environment, parts.arena), coordination }, request.replicas, signal);
  await work.takeObjects(there, () => progress({ step: "reading volumes", bytes: work.bytes, total: 0 }));
  await work.takeDeltas();
  await work.takeVersions(() => progress({ step: "reading versions", bytes: work.bytes, total: work.bytes }));
  await catalog.skipGenerations(generationsSkipped);
  const { objects, bytes, versions, damaged, lostVersions, lostLogLines } = work;
  const { chunks } = await catalog.totals();
  const refs = (await Promise.all((await catalog.models()).map((model) => catalog.refs(model)))).flat().length;
  return { volumes: there.length, missingVolumes: missing, objects, bytes, chunks, versions, refs, damaged, lostVersions, lostLogLines };
}

interface Recognized {
  readonly clusterId: string;
  readonly rows: readonly VolumeRow[];
  readonly missing: readonly VolumeName[];
}

type Seen = Omit<VolumeRow, "id"> & { readonly identity: VolumeIdentity | HoldfastError };

/** Whose the volumes are, by their identities. */
async function recognize(parts: RebuildParts, request: RebuildRequest, signal: AbortSignal): Promise<Recognized> {
  const seen: Seen[] = [];
  for (const volume of request.volumes) seen.push({ ...volume, identity: await identityAt(parts, volume, signal) });
  const known = seen.filter((one) => !isFault(one.identity)).map((one) => one.identity as VolumeIdentity);
  const clusterId = known[0]?.clusterId ?? parts.world.id();
  refuseTwoClusters(known);
  const missing: VolumeName[] = [];
  const rows: VolumeRow[] = [];
  for (const { identity, ...volume } of seen) {
    const row = { ...volume, id: isFault(identity) ? parts.world.id() : identity.volumeId };
    if (isFault(identity, "OBJECT_CORRUPT")) await identify(parts, row, clusterId, signal);
    else if (isFault(identity)) missing.push(requireAllowed(request, row, identity));
    rows.push(missing.includes(row.name) ? { ...row, state: "draining" } : row);
  }
  return { clusterId, rows, missing };
}

async function identityAt({ environment }: RebuildParts, volume: Omit<VolumeRow, "id">, signal: AbortSignal): Promise<VolumeIdentity | HoldfastError> {
  try {
    await using found = await openAsFound(volume, environment);
    const identity = await readIdentity(found, signal);
    return identity ?? fault("VOLUME_IDENTITY_MISSING", `volume ${volume.name} is not at ${volume.url}`, { advice: "Mount its disk, or check the URL." });
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return error;
  }
}

function refuseTwoClusters(known: readonly VolumeIdentity[]): void {
  const other = known.find((identity) => identity.clusterId !== known[0]?.clusterId);
  if (other)
    throw fault("VOLUME_FOREIGN", `volume ${other.name} belongs to store ${other.clusterId}, volume ${known[0]?.name} to ${known[0]?.clusterId}`, {
      advice: "Name only volumes of one store in its settings.",
    });
}

/** The settings vouch for a place whose identity is damaged, when objects lie there. */
async function identify({ environment }: RebuildParts, row: VolumeRow, clusterId: string, signal: AbortSignal): Promise<void> {
  await using found = await openAsFound(row, environment);
  if (!(await hasObjects(found, signal))) throw fault("VOLUME_IDENTITY_MISSING", `the identity of volume ${row.name} is damaged, and no object lies there`);
  await repairIdentity(found, { clusterId, volumeId: row.id, name: row.name }, signal);
}

async function hasObjects(volume: Volume, signal: AbortSignal): Promise<boolean> {
  let seen = 0;
  for await (const _ of volume.list(undefined, signal)) if (++seen > 1) return true;
  return false;
}

function requireAllowed({ allowMissing }: RebuildRequest, { name }: VolumeRow, error: HoldfastError): VolumeName {
  if (allowMissing && error.kind === "unreachable") return name;
  throw fault(error.code, `the catalog cannot be rebuilt without volume ${name}: ${error.message}`, {
    cause: error,
    advice: "Bring the volume back. If it is lost for good, rebuild without it with --allow-missing.",
  });
}
