/** Which volume has a copy of which object, and how well. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { ObjectId, ObjectRow, ReplicaLedger, ReplicaRow, ReplicaState } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import { objectColumns, objectTables, selectObjects } from "./object-rows.ts";
import type { Session } from "./session.ts";
import { requireVolumes } from "./volumes.ts";

export const replicaLedger = (runner: Runner): ReplicaLedger => ({
  replicas: (objects) => runner.read((session) => replicas(session, objects)),
  setReplica: (object, volume, state) => runner.write((session) => setReplica(session, object, volume, state)),
  wantReplicas: (objects, count) => runner.write((session) => wantReplicas(session, objects, count)),
  needingRepair: (after, limit) => runner.read((session) => needingRepair(session, after, limit)),
  objectsOn: (volume, after, limit) => runner.read((session) => objectsOn(session, volume, after, limit)),
});

function replicas(session: Session, objects: readonly ObjectId[]): Promise<ReplicaRow[]> {
  const sql = `
    SELECT r.object, v.name AS volume, r.state FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
    JOIN replica AS r ON r.object = asked.id JOIN volume AS v ON v.id = r.volume ORDER BY asked.place, v.name`;
  return session.all<ReplicaRow>(sql, objects);
}

async function setReplica(session: Session, object: ObjectId, volume: VolumeName, state: ReplicaState | undefined): Promise<void> {
  if (state === undefined) await removeReplica(session, object, volume);
  else {
    await refuseLeaving(session, object, volume);
    await putReplicas(session, object, [volume], state);
  }
}

async function removeReplica(session: Session, object: ObjectId, volume: VolumeName): Promise<void> {
  await session.run("DELETE FROM replica WHERE object = $1 AND volume = (SELECT id FROM volume WHERE name = $2)", object, volume);
}

/** A collector has read where the object lies and removes it there: a copy that is new now would be left behind. */
async function refuseLeaving(session: Session, object: ObjectId, volume: VolumeName): Promise<void> {
  const state = (await session.get<{ state: string }>("SELECT state FROM object WHERE id = $1", object))?.state;
  if (state !== undefined && state !== "deleting") return;
  const known = "SELECT 1 FROM replica AS r JOIN volume AS v ON v.id = r.volume WHERE r.object = $1 AND v.name = $2";
  if (state === undefined || !(await session.get(known, object, volume)))
    throw fault("OBJECT_MISSING", `object ${object} is ${state ? "being deleted" : "gone"}, so it takes no replica on ${volume}`);
}

export async function putReplicas(session: Session, object: ObjectId, on: readonly VolumeName[], state: ReplicaState): Promise<void> {
  if (on.length === 0) return;
  const put = await session.run(
    `INSERT INTO replica (object, volume, state) SELECT $1, id, $3 FROM volume WHERE name = ANY ($2::text[])
     ON CONFLICT (object, volume) DO UPDATE SET state = excluded.state`,
    ...[object, on, state],
  );
  if (put < new Set(on).size) await requireVolumes(session, on);
}

/** Good on these volumes, forgotten on others. */
export async function replaceReplicas(session: Session, object: ObjectId, on: readonly VolumeName[]): Promise<void> {
  await session.run("DELETE FROM replica WHERE object = $1", object);
  await putReplicas(session, object, on, "good");
}

async function wantReplicas(session: Session, objects: readonly ObjectId[], count: number): Promise<void> {
  await session.run("UPDATE object SET replicas_wanted = $2 WHERE id = ANY ($1::bigint[]) AND replicas_wanted < $2", objects, count);
}

/** Objects are walked in the order of their ids, each with its few replicas, until there are enough. */
function needingRepair(session: Session, after: ObjectId | undefined, limit: number): Promise<ObjectRow[]> {
  const sql = `
    SELECT ${objectColumns} FROM ${objectTables}
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE state = 'good') AS good, count(*) FILTER (WHERE state IN ('suspect', 'bad')) AS doubted
      FROM replica WHERE object = o.id
    ) AS r
    WHERE o.id > $1 AND o.state = 'present' AND (r.good < o.replicas_wanted OR r.doubted > 0)
    ORDER BY o.id LIMIT $2`;
  return selectObjects(session, sql, after ?? 0, limit);
}

function objectsOn(session: Session, volume: VolumeName, after: ObjectId | undefined, limit: number): Promise<ObjectRow[]> {
  const sql = `
    SELECT ${objectColumns} FROM replica AS r JOIN object AS o ON o.id = r.object JOIN domain AS d ON d.id = o.domain
    WHERE r.volume = (SELECT id FROM volume WHERE name = $1) AND r.object > $2 ORDER BY r.object LIMIT $3`;
  return selectObjects(session, sql, volume, after ?? 0, limit);
}
