/** One replica made new, or given up. Both need verified bytes of the object: nothing is removed by someone who has none (R16). */
import { fault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectRow, ReplicaState } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { readBack, readBackBytes } from "./read-back.ts";
import type { WholeObject } from "./whole-object.ts";

/**
 * Puts the object on a volume in place of what lies there, reads it back where the volume itself has no evidence that it is whole, and says so in the ledger. False when the ledger has a good one
 * there. The caller holds the object with an intent. Throws what the volume throws; the ledger then says that the replica is not good.
 */
export async function rewriteReplica(engine: Engine, object: ObjectRow, name: VolumeName, whole: WholeObject, signal: AbortSignal): Promise<boolean> {
  const before = await stateOn(engine, object, name);
  if (before === "good") return false;
  const volume = await engine.volumes.get(name);
  if (before === undefined) await engine.catalog.setReplica(object.id, name, "intended");
  const key = objectKey(object);
  await volume.remove([key], signal);
  const evidence = await volume.put(key, [whole.bytes], signal);
  if (evidence === "none") {
    const room = new Uint8Array(new SharedArrayBuffer(Math.min(readBackBytes, object.bytes)));
    await readBack(engine, volume, key, [whole.bytes], room, signal);
  }
  await settle(engine, object, name, before ?? "intended");
  return true;
}

async function stateOn(engine: Engine, object: ObjectRow, name: VolumeName): Promise<ReplicaState | undefined> {
  return (await engine.catalog.replicas([object.id])).find((replica) => replica.volume === name)?.state;
}

/** Only if nobody has decided otherwise meanwhile: another repair may have given this replica up. */
async function settle(engine: Engine, object: ObjectRow, name: VolumeName, expected: ReplicaState): Promise<void> {
  await engine.catalog.transaction(async (tx) => {
    const now = (await tx.replicas([object.id])).find((replica) => replica.volume === name)?.state;
    if (now !== expected && now !== "good") throw fault("REPLICAS_TOO_FEW", `the replica of ${objectKey(object)} on ${name} was given up while it was written`);
    await tx.setReplica(object.id, name, "good");
  });
}

/**
 * Removes a replica that is no longer wanted, if every one in `kept` is still good when that is decided: in one transaction, so that two
 * repairs cannot give up each other's. False when it stays.
 */
export async function dropReplica(engine: Engine, object: ObjectRow, name: VolumeName, kept: readonly VolumeName[], signal: AbortSignal): Promise<boolean> {
  const decided = await engine.catalog.transaction(async (tx) => {
    const good = new Set((await tx.replicas([object.id])).filter((replica) => replica.state === "good").map((replica) => replica.volume));
    if (kept.length === 0 || kept.includes(name) || !kept.every((volume) => good.has(volume))) return false;
    await tx.setReplica(object.id, name, "bad");
    return true;
  });
  if (!decided) return false;
  const volume = await engine.volumes.get(name);
  await volume.remove([objectKey(object)], signal);
  await engine.catalog.setReplica(object.id, name, undefined);
  return true;
}
