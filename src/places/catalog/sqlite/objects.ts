/** Objects from their reservation to their publication; collector.ts has the way out. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { IntentId, NewChunk, ObjectId, ObjectLedger, ObjectRow, ObjectState, Reservation } from "../catalog.ts";
import { chunksOf, indexChunks } from "./chunks.ts";
import type { Runner } from "./engine.ts";
import { insertObject, objectColumns, objectTables, revive, selectObjects } from "./object-rows.ts";
import { fenced, isPinned, pin, requireIntent } from "./pins.ts";
import { putReplica, replaceReplicas } from "./replicas.ts";
import type { Session } from "./session.ts";

export const objectLedger = (runner: Runner): ObjectLedger => ({
  reserve: (intent, reservation) => runner.write((session) => reserve(session, intent, reservation)),
  publish: (intent, object, on, chunks) => runner.write((session) => publish(session, intent, object, { on, chunks })),
  objects: (ids) => runner.read((session) => objectsOf(session, ids)),
  objectsAfter: (after, states, limit) => runner.read((session) => objectsAfter(session, after, states, limit)),
  chunksOf: (object) => runner.read((session) => chunksOf(session, object)),
  totals: () => runner.read(totals),
});

function reserve(session: Session, intent: IntentId, reservation: Reservation): ObjectRow {
  requireIntent(session, intent);
  if (!Number.isSafeInteger(reservation.replicasWanted) || reservation.replicasWanted < 1)
    throw fault("ARGUMENT_INVALID", `an object cannot be kept ${reservation.replicasWanted} times`);
  const generation = nextGeneration(session);
  const row = insertObject(session, { ...reservation, generation }, "reserved");
  for (const volume of reservation.volumes) putReplica(session, row.id, volume, "intended");
  pin(session, intent, row.id);
  return row;
}

function nextGeneration(session: Session): number {
  session.run("UPDATE meta SET generation = generation + 1");
  return session.get<{ generation: number }>("SELECT generation FROM meta")?.generation as number;
}

interface Publication {
  readonly on: readonly VolumeName[];
  readonly chunks: readonly NewChunk[];
}

function publish(session: Session, intent: IntentId, object: ObjectId, { on, chunks }: Publication): ObjectId[] {
  requireIntent(session, intent);
  if (!isPinned(session, intent, object)) throw fenced(intent, `it does not hold object ${object}`);
  session.run("UPDATE object SET state = 'present', published = 1 WHERE id = ?", object);
  replaceReplicas(session, object, on);
  const holders = indexChunks(session, object, chunks);
  for (const holder of holders) {
    if (!revive(session, holder)) throw fault("CATALOG_CORRUPT", `the index has chunks in object ${holder}, which is not present`);
    pin(session, intent, holder);
  }
  return holders;
}

function totals(session: Session) {
  const sql = `
    SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(chunks), 0) AS chunks, coalesce(sum(raw_bytes), 0) AS rawBytes
    FROM object WHERE state IN ('present', 'condemned')`;
  return { ...(session.get(sql) as Awaited<ReturnType<ObjectLedger["totals"]>>) };
}

/** In the order of the ids given; those that are gone are left out. */
function objectsOf(session: Session, ids: readonly ObjectId[]): ObjectRow[] {
  const sql = `
    SELECT ${objectColumns} FROM json_each(?) AS asked CROSS JOIN object AS o ON o.id = asked.value JOIN domain AS d ON d.id = o.domain
    ORDER BY asked.key`;
  return selectObjects(session, sql, JSON.stringify(ids));
}

function objectsAfter(session: Session, after: ObjectId | undefined, states: readonly ObjectState[], limit: number): ObjectRow[] {
  const sql = `
    SELECT ${objectColumns} FROM ${objectTables}
    WHERE o.id > ? AND o.state IN (SELECT value FROM json_each(?)) ORDER BY o.id LIMIT ?`;
  return selectObjects(session, sql, after ?? 0, JSON.stringify(states), limit);
}
