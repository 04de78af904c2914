/** Putting back what the volumes tell, in any order. */
import { digestToBytes } from "../../../core/digest.ts";
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { NewChunk, ObjectId, ObjectRow, RefLogEntry, ReplicaState, Restorer } from "../catalog.ts";
import { indexChunks } from "./chunks.ts";
import type { Runner } from "./engine.ts";
import { insertObject, requireObject } from "./object-rows.ts";
import { entries, insertEntry, setRef } from "./refs.ts";
import { putReplicas } from "./replicas.ts";
import type { Session } from "./session.ts";

type Found = Omit<ObjectRow, "id" | "state">;
interface Copy {
  readonly volume: VolumeName;
  readonly state: ReplicaState;
}

export const restorer = (runner: Runner): Restorer => ({
  restoreObject: (object, on, chunks) => runner.write((session) => restoreObject(session, object, on, chunks)),
  restoreLogEntry: (entry, object) => runner.write((session) => restoreLogEntry(session, entry, object)),
  skipGenerations: (count) => runner.write(async (session) => void (await session.run("UPDATE holdfast_catalog SET generation = generation + $1", count))),
});

async function restoreObject(session: Session, found: Found, on: readonly Copy[], chunks: readonly NewChunk[]): Promise<ObjectId> {
  await session.run("UPDATE holdfast_catalog SET generation = $1 WHERE generation < $1", found.generation);
  const id = (await restored(session, found)) ?? (await insertObject(session, found, "present")).id;
  for (const state of new Set(on.map((copy) => copy.state))) await putReplicas(session, id, namesIn(on, state), state);
  await indexChunks(session, id, chunks);
  return id;
}

function namesIn(on: readonly Copy[], state: ReplicaState): VolumeName[] {
  return on.filter((copy) => copy.state === state).map((copy) => copy.volume);
}

/** An object that was found before, on another volume or in an earlier try. */
async function restored(session: Session, { generation, kind, digest, replicasWanted }: Found): Promise<ObjectId | undefined> {
  const sql = "UPDATE object SET replicas_wanted = greatest(replicas_wanted, $1) WHERE generation = $2 AND kind = $3 AND digest = $4 RETURNING id";
  return (await session.get<{ id: ObjectId }>(sql, replicasWanted, generation, kind, digestToBytes(digest)))?.id;
}

/** Entries come in any order: the ref is what the latest of its entries says. */
async function restoreLogEntry(session: Session, entry: RefLogEntry, object: ObjectId): Promise<void> {
  await requireObject(session, object);
  const [known] = await entries(session, "WHERE sequence = $1", entry.sequence);
  if (known) refuseOther(known, entry);
  else await insertEntry(session, entry, object);
  await session.run("UPDATE holdfast_catalog SET clock = $1 WHERE clock < $1", entry.at);
  const [latest] = await entries(session, "WHERE model = $1 AND ref = $2 ORDER BY sequence DESC LIMIT 1", entry.model, entry.ref);
  if (latest) await setRef(session, latest);
}

function refuseOther(known: RefLogEntry, entry: RefLogEntry): void {
  const same = known.model === entry.model && known.ref === entry.ref && known.from === entry.from && known.to === entry.to;
  if (!same || known.opId !== entry.opId || known.at !== entry.at)
    throw fault("REF_CONFLICT", `two entries of the ref log have the number ${entry.sequence}: ${known.model} ${known.ref} and ${entry.model} ${entry.ref}`, {
      advice: "The volumes carry two histories; find out which catalog wrote after a backup was restored.",
    });
}
