/** Whether a volume is there and ours, asked anew; and its identity written again where that was damaged. */
import { fault, isFault } from "../../core/errors.ts";
import type { VolumeRow } from "../../places/catalog/index.ts";
import { checkIdentity, objectKey, repairIdentity, type Volume } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { replicasOn } from "./survey.ts";

function identityOf(engine: Engine, row: VolumeRow) {
  return { clusterId: engine.catalog.clusterId, volumeId: row.id, name: row.name };
}

/** Throws why the volume cannot be used: what opening it throws, or what its identity object is now. */
export async function requireOurs(engine: Engine, row: VolumeRow, signal: AbortSignal): Promise<Volume> {
  const volume = await engine.volumes.insisting(row.name);
  await checkIdentity(volume, identityOf(engine, row), signal);
  return volume;
}

const witnessesMax = 20;

/**
 * Writes the identity of a volume anew when it is damaged or gone and an object that the ledger has there lies there. Throws
 * VOLUME_IDENTITY_MISSING where nothing shows that the place is this volume, and VOLUME_FOREIGN where its identity is another's.
 */
export async function mendIdentity(engine: Engine, row: VolumeRow, signal: AbortSignal): Promise<void> {
  await using found = await engine.volumes.asFound(row.name);
  try {
    return await checkIdentity(found, identityOf(engine, row), signal);
  } catch (error) {
    if (!isFault(error, "OBJECT_CORRUPT", "VOLUME_IDENTITY_MISSING")) throw error;
    if (!(await hasWitness(engine, row, found, signal)))
      throw fault("VOLUME_IDENTITY_MISSING", `nothing shows that what lies at ${row.url} is volume ${row.name}`, {
        cause: error,
        advice: "Mount its disk. If the volume is lost for good, run `holdfast volumes drain`.",
      });
  }
  await repairIdentity(found, identityOf(engine, row), signal);
  engine.volumes.setRows(engine.volumes.rows);
}

/** Keys carry digests and generations of this store's own making, so that one of the right size is proof enough, damaged or not. */
async function hasWitness(engine: Engine, row: VolumeRow, found: Volume, signal: AbortSignal): Promise<boolean> {
  let asked = 0;
  for await (const { object } of replicasOn(engine, row.name)) {
    if (++asked > witnessesMax) return false;
    for await (const { bytes } of found.stat([objectKey(object)], signal)) if (bytes === object.bytes) return true;
  }
  return false;
}
