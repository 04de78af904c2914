/** Which volume has a copy of which object, and how well. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { ObjectId, ObjectRow, ReplicaLedger, ReplicaRow, ReplicaState } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { objectColumns, objectTables, selectObjects } from "./object-rows.ts";
import type { Session } from "./session.ts";
import { volumeNumber } from "./volumes.ts";

export const replicaLedger = (runner: Runner): ReplicaLedger => ({
  replicas: (objects) => runner.read((session) => replicas(session, objects)),
  setReplica: (object, volume, state) => runner.write((session) => setReplica(session, object, volume, state)),
  wantReplicas: (objects, count) => runner.write((session) => wantReplicas(session, objects, count)),
  needingRepair: (after, limit) => runner.read((session) => needingRepair(session, after, limit)),
  objectsOn: (volume, after, limit) => runner.read((session) => objectsOn(session, volume, after, limit)),
});

function replicas(session: Session, objects: readonly ObjectId[]): ReplicaRow[] {
  const sql = `
    SELECT r.object, v.name AS volume, r.state
    FROM json_each(?) AS asked CROSS JOIN replica AS r ON r.object = asked.value JOIN volume AS v ON v.id = r.volume
    ORDER BY asked.key, v.name`;
  return session.all<ReplicaRow>(sql, JSON.stringify(objects)).map((row) => ({ ...row }));
}

function setReplica(session: Session, object: ObjectId, volume: VolumeName, state: ReplicaState | undefined): void {
  if (state === undefined) removeReplica(session, object, volume);
  else {
    refuseLeaving(session, object, volume);
    putReplica(session, object, volume, state);
  }
}

function removeReplica(session: Session, object: ObjectId, volume: VolumeName): void {
  session.run("DELETE FROM replica WHERE object = ? AND volume = (SELECT id FROM volume WHERE name = ?)", object, volume);
}

/** A collector has read where the object lies and removes it there: a copy that is new now would be left behind. */
function refuseLeaving(session: Session, object: ObjectId, volume: VolumeName): void {
  const state = session.get<{ state: string }>("SELECT state FROM object WHERE id = ?", object)?.state;
  if (state !== undefined && state !== "deleting") return;
  const known = "SELECT 1 FROM replica AS r JOIN volume AS v ON v.id = r.volume WHERE r.object = ? AND v.name = ?";
  if (state === undefined || !session.get(known, object, volume))
    throw fault("OBJECT_MISSING", `object ${object} is ${state ? "being deleted" : "gone"}, so it takes no replica on ${volume}`);
}

export function putReplica(session: Session, object: ObjectId, volume: VolumeName, state: ReplicaState): void {
  session.run("INSERT OR REPLACE INTO replica (object, volume, state) VALUES (?, ?, ?)", object, volumeNumber(session, volume), state);
}

/** Good on these volumes, forgotten on others. */
export function replaceReplicas(session: Session, object: ObjectId, on: readonly VolumeName[]): void {
  session.run("DELETE FROM replica WHERE object = ?", object);
  for (const volume of on) putReplica(session, object, volume, "good");
}

function wantReplicas(session: Session, objects: readonly ObjectId[], count: number): void {
  const sql = "UPDATE object SET replicas_wanted = ? WHERE id IN (SELECT value FROM json_each(?)) AND replicas_wanted < ?";
  session.run(sql, count, JSON.stringify(objects), count);
}

/** Objects and replicas lie in the order of object ids, so both are read once, side by side. */
function needingRepair(session: Session, after: ObjectId | undefined, limit: number): ObjectRow[] {
  const sql = `
    SELECT ${objectColumns} FROM ${objectTables} LEFT JOIN replica AS r ON r.object = o.id
    WHERE o.id > ? AND o.state = 'present'
    GROUP BY o.id
    HAVING count(*) FILTER (WHERE r.state = 'good') < o.replicas_wanted OR count(*) FILTER (WHERE r.state IN ('suspect', 'bad')) > 0
    ORDER BY o.id LIMIT ?`;
  return selectObjects(session, sql, after ?? 0, limit);
}

function objectsOn(session: Session, volume: VolumeName, after: ObjectId | undefined, limit: number): ObjectRow[] {
  const sql = `
    SELECT ${objectColumns} FROM replica AS r CROSS JOIN object AS o ON o.id = r.object JOIN domain AS d ON d.id = o.domain
    WHERE r.volume = (SELECT id FROM volume WHERE name = ?) AND r.object > ? ORDER BY r.object LIMIT ?`;
  return selectObjects(session, sql, volume, after ?? 0, limit);
}
