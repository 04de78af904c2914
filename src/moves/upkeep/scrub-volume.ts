/** Every replica of one volume read to its last byte, and the ledger told what was found. */
import { isFault } from "../../core/errors.ts";
import type { ObjectRow, ReplicaState, VolumeRow } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import { checkReplica, type Finding } from "../replicate/index.ts";
import type { Damage } from "../transfer/index.ts";
import { replicasOn } from "./survey.ts";

export interface ScrubbedReplica {
  readonly object: ObjectRow;
  readonly state: Finding["state"];
  /** Set when it is damaged or missing. */
  readonly damage: Damage | undefined;
}

/** After so many replicas in a row that could not be reached, the rest of the volume is not waited for. */
const unreachableInRowMax = 3;

/** One replica after the other, each answered when the ledger knows. Objects that are being written or removed are passed over. */
export async function* scrubVolume(engine: Engine, { name }: VolumeRow, signal: AbortSignal): AsyncGenerator<ScrubbedReplica> {
  let unreachable = 0;
  for await (const { object, state } of replicasOn(engine, name)) {
    if (state === "intended" || object.state === "reserved" || object.state === "deleting") continue;
    if (unreachable >= unreachableInRowMax) {
      yield { object, state: "unreachable", damage: undefined };
      continue;
    }
    const finding = await checkReplica(engine, object, name, signal);
    unreachable = finding.state === "unreachable" ? unreachable + 1 : 0;
    if (finding.state === "whole") finding.room[Symbol.dispose]();
    const noted = await note(engine, object, { volume: name, before: state, finding });
    if (noted) yield { object, state: finding.state, damage: damageOf(object, name, finding) };
  }
}

function damageOf(object: ObjectRow, volume: VolumeRow["name"], finding: Finding): Damage | undefined {
  return finding.state === "damaged" || finding.state === "missing" ? { object: object.id, volume, error: finding.error } : undefined;
}

interface Noted {
  readonly volume: VolumeRow["name"];
  readonly before: ReplicaState;
  readonly finding: Finding;
}

const found: Readonly<Record<Finding["state"], ReplicaState | undefined>> = { whole: "good", damaged: "bad", missing: "bad", unreachable: undefined };

/** False when the object was collected, or the replica moved away, while it was read: nothing is wrong then. */
async function note(engine: Engine, object: ObjectRow, { volume, before, finding }: Noted): Promise<boolean> {
  const after = found[finding.state];
  if (after === undefined || after === before) return true;
  try {
    return await engine.catalog.transaction(async (tx) => {
      const [now] = await tx.objects([object.id]);
      const known = (await tx.replicas([object.id])).some((replica) => replica.volume === volume);
      if (!known || now === undefined || now.state === "deleting") return false;
      await tx.setReplica(object.id, volume, after);
      return true;
    });
  } catch (error) {
    if (isFault(error, "OBJECT_MISSING")) return false;
    throw error;
  }
}
