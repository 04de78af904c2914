/** Putting back what the volumes tell, in any order. */
import { digestToBytes } from "../../../core/digest.ts";
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { NewChunk, ObjectId, ObjectRow, RefLogEntry, ReplicaState, Restorer } from "../catalog.ts";
import { indexChunks } from "./chunks.ts";
import type { Runner } from "./engine.ts";
import { insertObject, requireObject } from "./object-rows.ts";
import { entries, insertEntry, setRef } from "./refs.ts";
import { putReplica } from "./replicas.ts";
import type { Session } from "./session.ts";

type Found = Omit<ObjectRow, "id" | "state">;
interface Copy {
  readonly volume: VolumeName;
  readonly state: ReplicaState;
}

export const restorer = (runner: Runner): Restorer => ({
  restoreObject: (object, on, chunks) => runner.write((session) => restoreObject(session, object, on, chunks)),
  restoreLogEntry: (entry, object) => runner.write((session) => restoreLogEntry(session, entry, object)),
  skipGenerations: (count) => runner.write((session) => void session.run("UPDATE meta SET generation = generation + ?", count)),
});

function restoreObject(session: Session, found: Found, on: readonly Copy[], chunks: readonly NewChunk[]): ObjectId {
  session.run("UPDATE meta SET generation = max(generation, ?)", found.generation);
  const id = restored(session, found) ?? insertObject(session, found, "present").id;
  for (const copy of on) putReplica(session, id, copy.volume, copy.state);
  indexChunks(session, id, chunks);
  return id;
}

/** An object that was found before, on another volume or in an earlier try. */
function restored(session: Session, { generation, kind, digest, replicasWanted }: Found): ObjectId | undefined {
  const sql = "UPDATE object SET replicas_wanted = max(replicas_wanted, ?) WHERE generation = ? AND kind = ? AND digest = ? RETURNING id";
  return session.get<{ id: ObjectId }>(sql, replicasWanted, generation, kind, digestToBytes(digest))?.id;
}

/** Entries come in any order: the ref is what the latest of its entries says. */
function restoreLogEntry(session: Session, entry: RefLogEntry, object: ObjectId): void {
  requireObject(session, object);
  const known = entries(session, "WHERE sequence = ?", entry.sequence)[0];
  if (known) refuseOther(known, entry);
  else insertEntry(session, entry, object);
  session.run("UPDATE meta SET clock = max(clock, ?)", entry.at);
  const latest = entries(session, "WHERE model = ? AND ref = ? ORDER BY sequence DESC LIMIT 1", entry.model, entry.ref)[0];
  if (latest) setRef(session, latest);
}

function refuseOther(known: RefLogEntry, entry: RefLogEntry): void {
  const same = known.model === entry.model && known.ref === entry.ref && known.from === entry.from && known.to === entry.to;
  if (!same || known.opId !== entry.opId || known.at !== entry.at)
    throw fault("REF_CONFLICT", `two entries of the ref log have the number ${entry.sequence}: ${known.model} ${known.ref} and ${entry.model} ${entry.ref}`, {
      advice: "The volumes carry two histories; find out which catalog wrote after a backup was restored.",
    });
}
