/**
 * What nothing needs any more, off the volumes. The catalog decides in two phases (condemned, held, looked at once more, claimed); here
 * the bytes of exactly the claimed generations are removed from every volume that they may be on, and only then forgotten. A run
 * that dies or sleeps at any point does no harm: the next one goes on, and what was pushed since has other keys.
 */
import { fault, throwIfCancelled } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { formatBytes } from "../core/units.ts";
import type { Engine } from "../moves/engine.ts";
import { eachLimited } from "../moves/transfer/index.ts";
import { requireOurs } from "../moves/upkeep/index.ts";
import type { ObjectRow } from "../places/catalog/index.ts";
import { objectKey, type Volume } from "../places/volumes/index.ts";
import type { Progress } from "./progress.ts";

export interface CollectRequest {
  /** How long an object stays condemned before it may go, by the catalog's clock. */
  readonly holdMs: number;
  /** The operator has seen how much it is. */
  readonly approve: boolean;
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
}

export interface CollectReport {
  /** Objects that nothing needs, found by this run. */
  readonly condemned: number;
  readonly removed: number;
  /** Of the objects removed, all replicas together; in a dry run of those that would be, one replica. */
  readonly bytes: number;
  /** Objects that wait for the end of their hold. */
  readonly kept: number;
}

const objectsAtOnce = 256;
const volumesInFlight = 8;

/** Throws COLLECT_INCOMPLETE when a volume is not there or not ours, and COLLECT_APPROVAL when it would be suspiciously much. */
export async function collect(engine: Engine, request: CollectRequest, progress: Progress, signal: AbortSignal): Promise<CollectReport> {
  const { garbage, stored } = await engine.catalog.garbage();
  if (request.dryRun) return { condemned: garbage.objects, removed: 0, bytes: garbage.bytes, kept: garbage.objects };
  const volumes = await completeView(engine, signal);
  if (!request.approve) refuseTooMuch(garbage.bytes, stored.bytes);
  const condemned = await engine.catalog.condemn();
  let [removed, bytes] = [0, 0];
  for (
    let batch = await engine.catalog.claim(request.holdMs, objectsAtOnce);
    batch.length > 0;
    batch = await engine.catalog.claim(request.holdMs, objectsAtOnce)
  ) {
    throwIfCancelled(signal);
    bytes += await bytesOnVolumes(engine, batch);
    await removeEverywhere(engine, volumes, batch, signal);
    for (const { id, generation } of batch) await engine.catalog.forget(id, generation);
    removed += batch.length;
    progress({ step: "collecting", bytes, total: 0 });
  }
  const left = await engine.catalog.garbage();
  return { condemned: condemned.objects, removed, bytes, kept: left.garbage.objects };
}

/** All volumes of the catalog, each asked now whether it is there and ours. */
async function completeView(engine: Engine, signal: AbortSignal): Promise<readonly Volume[]> {
  const rows = await engine.catalog.volumes();
  engine.volumes.setRows(rows);
  const volumes: Volume[] = [];
  await eachLimited(rows, volumesInFlight, async (row) => {
    try {
      volumes.push(await requireOurs(engine, row, signal));
    } catch (error) {
      throwIfCancelled(signal);
      throw fault("COLLECT_INCOMPLETE", `volume ${row.name} is not there, so nothing is removed from any: ${(error as Error).message}`, {
        cause: error,
        advice: "Bring the volume back, or drain it if it is lost for good, then collect again.",
      });
    }
  });
  return volumes;
}

function refuseTooMuch(garbageBytes: number, storedBytes: number): void {
  if (garbageBytes <= limits.collectFreeBytes || garbageBytes <= storedBytes * limits.collectShareMax) return;
  const share = Math.round((100 * garbageBytes) / storedBytes);
  throw fault("COLLECT_APPROVAL", `${formatBytes(garbageBytes)} would be removed, ${share} % of the ${formatBytes(storedBytes)} that are stored`, {
    advice: "See with `holdfast gc --dry-run` and `holdfast ls` whether that is meant; then run `holdfast gc --approve`.",
  });
}

async function bytesOnVolumes(engine: Engine, objects: readonly ObjectRow[]): Promise<number> {
  const replicas = await engine.catalog.replicas(objects.map((object) => object.id));
  const sizes = new Map(objects.map((object) => [object.id, object.bytes]));
  return replicas.reduce((sum, replica) => sum + (replica.state === "intended" ? 0 : (sizes.get(replica.object) ?? 0)), 0);
}

/**
 * From all volumes, not only those of the ledger: a push that had to take another volume, or died, left its object where no ledger says. The
 * view is asked for again at the end, since on a disk that went away meanwhile everything looks removed.
 */
async function removeEverywhere(engine: Engine, volumes: readonly Volume[], objects: readonly ObjectRow[], signal: AbortSignal): Promise<void> {
  const keys = objects.map(objectKey);
  await eachLimited(volumes, volumesInFlight, (volume) => volume.remove(keys, signal));
  await completeView(engine, signal);
}
