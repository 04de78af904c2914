/** A volume made empty: nothing new goes there, and each object that it has is brought elsewhere before it is dropped here. Goes on where it stopped. */
import { fault, isFault } from "../core/errors.ts";
import type { VolumeName } from "../core/names.ts";
import type { Engine } from "../moves/engine.ts";
import { repairObject } from "../moves/replicate/index.ts";
import { eachLimited } from "../moves/transfer/index.ts";
import { replicasOn, requireOurs } from "../moves/upkeep/index.ts";
import { copiesByVolume, sumOfCopies } from "../moves/volume-facts.ts";
import type { ObjectRow, VolumeRow } from "../places/catalog/index.ts";
import type { Progress } from "./progress.ts";

export interface DrainReport {
  /** Objects that lay on the volume. */
  readonly checked: number;
  /** Replicas written elsewhere. */
  readonly copied: number;
  readonly bytes: number;
  /** Objects that are on the volume no more. */
  readonly dropped: number;
  /** Those that still are: they could not be brought elsewhere, or are being written or collected. */
  readonly left: number;
  /** Why, for the first of them. */
  readonly problems: readonly string[];
}

const drainsInFlight = 2;
const problemsMax = 20;

/** A volume that cannot be reached is drained too: what it had is copied from the other replicas, and forgotten there. Throws VOLUME_MISSING. */
export async function drainVolume(engine: Engine, name: VolumeName, progress: Progress, signal: AbortSignal): Promise<DrainReport> {
  const row = await markDraining(engine, name);
  const report = { checked: 0, copied: 0, bytes: 0, dropped: 0, left: 0, problems: [] as string[] };
  const lost = await isLost(engine, row, signal);
  await eachLimited(replicasOn(engine, name), drainsInFlight, async ({ object }) => {
    report.checked++;
    try {
      const { written } = object.state === "present" ? await repairObject(engine, object, signal) : { written: [] };
      report.copied += written.length;
      report.bytes += written.length * object.bytes;
      if (lost) await forgetReplica(engine, object, name);
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      if (report.problems.length < problemsMax) report.problems.push(error.message);
    }
    if (await isOn(engine, object, name)) report.left++;
    else report.dropped++;
    progress({ step: "draining", bytes: report.bytes, total: 0 });
  });
  return report;
}

async function markDraining(engine: Engine, name: VolumeName): Promise<VolumeRow> {
  const row = (await engine.catalog.volumes()).find((volume) => volume.name === name);
  if (!row) throw fault("VOLUME_MISSING", `no volume is named ${name}`, { advice: "See them with `holdfast volumes list`." });
  if (row.state !== "draining") await engine.catalog.setVolume({ ...row, state: "draining" });
  engine.volumes.setRows(await engine.catalog.volumes());
  return row;
}

async function isLost(engine: Engine, row: VolumeRow, signal: AbortSignal): Promise<boolean> {
  try {
    await requireOurs(engine, row, signal);
    return false;
  } catch (error) {
    if (!isFault(error) || error.kind === "cancelled") throw error;
    return true;
  }
}

/** Its bytes stay where nobody can get at them. Only when the object has all its replicas elsewhere. */
async function forgetReplica(engine: Engine, object: ObjectRow, name: VolumeName): Promise<void> {
  const worth = await copiesByVolume(engine);
  await engine.catalog.transaction(async (tx) => {
    const good = (await tx.replicas([object.id])).flatMap(({ volume, state }) => (volume !== name && state === "good" ? [volume] : []));
    if (sumOfCopies(good, worth) >= object.replicasWanted) await tx.setReplica(object.id, name, undefined);
  });
}

async function isOn(engine: Engine, object: ObjectRow, name: VolumeName): Promise<boolean> {
  return (await engine.catalog.replicas([object.id])).some((replica) => replica.volume === name);
}
