/** A replica from one volume to another: written there from verified bytes, read back, and only then given up here. */
import { limits } from "../../core/limits.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectRow } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import { copiesByVolume, sumOfCopies } from "../volume-facts.ts";
import { afterOthers } from "./one-at-a-time.ts";
import { dropReplica, rewriteReplica } from "./rewrite-replica.ts";
import { wholeObject } from "./whole-object.ts";

export interface ReplicaMove {
  readonly from: VolumeName;
  /** Undefined: nothing is written, since there is one too many. */
  readonly to: VolumeName | undefined;
}

/**
 * False when the replica on `from` stays: the object is being collected, or would have fewer copies than it wants. Stopped at any point it
 * leaves the object with the replicas that it had, or with one more. Throws what the volumes throw, and what `wholeObject` throws.
 */
export async function moveReplica(engine: Engine, object: ObjectRow, move: ReplicaMove, signal: AbortSignal): Promise<boolean> {
  return afterOthers(engine, object.id, async () => {
    const intent = await engine.catalog.openIntent(engine.world.id(), limits.leaseMs);
    try {
      const refused = await engine.catalog.pinObjects(intent, [object.id]);
      return refused.length === 0 && (await moveHeld(engine, object, move, signal));
    } finally {
      await engine.catalog.closeIntent(intent);
    }
  });
}

async function moveHeld(engine: Engine, object: ObjectRow, { from, to }: ReplicaMove, signal: AbortSignal): Promise<boolean> {
  if (to !== undefined) await writeOn(engine, object, to, from, signal);
  const kept = (await engine.catalog.replicas([object.id])).flatMap(({ volume, state }) => (state === "good" && volume !== from ? [volume] : []));
  if (sumOfCopies(kept, await copiesByVolume(engine)) < object.replicasWanted) return false;
  return dropReplica(engine, object, from, kept, signal);
}

/** What turns out damaged on the way is told to the ledger; mending it is for a repair. */
async function writeOn(engine: Engine, object: ObjectRow, to: VolumeName, from: VolumeName, signal: AbortSignal): Promise<void> {
  using whole = await wholeObject(engine, object, signal, [from]);
  for (const { volume } of whole.damage) await engine.catalog.setReplica(object.id, volume, "bad");
  await rewriteReplica(engine, object, to, whole, signal);
}
