/** Objects from their reservation to their publication; collector.ts has the way out. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { IntentId, NewChunk, ObjectId, ObjectLedger, ObjectRow, ObjectState, Reservation } from "../catalog.ts";
import { chunksOf, indexChunks } from "./chunks.ts";
import type { Runner } from "./engine.ts";
import { insertObject, objectColumns, objectTables, revive, selectObjects } from "./object-rows.ts";
import { fenced, isPinned, pinAll, requireIntent } from "./pins.ts";
import { putReplicas, replaceReplicas } from "./replicas.ts";
import type { Session } from "./session.ts";

export const objectLedger = (runner: Runner): ObjectLedger => ({
  reserve: (intent, reservation) => runner.write((session) => reserve(session, intent, reservation)),
  publish: (intent, object, on, chunks) => runner.write((session) => publish(session, intent, object, { on, chunks })),
  objects: (ids) => runner.read((session) => objectsOf(session, ids)),
  objectsAfter: (after, states, limit) => runner.read((session) => objectsAfter(session, after, states, limit)),
  chunksOf: (object) => runner.read((session) => chunksOf(session, object)),
  totals: () => runner.read((session) => session.long(() => totals(session))),
});

async function reserve(session: Session, intent: IntentId, reservation: Reservation): Promise<ObjectRow> {
  await requireIntent(session, intent);
  if (!Number.isSafeInteger(reservation.replicasWanted) || reservation.replicasWanted < 1)
    throw fault("ARGUMENT_INVALID", `an object cannot be kept ${reservation.replicasWanted} times`);
  const generation = await nextGeneration(session);
  const row = await insertObject(session, { ...reservation, generation }, "reserved");
  await putReplicas(session, row.id, reservation.volumes, "intended");
  await pinAll(session, intent, [row.id]);
  return row;
}

async function nextGeneration(session: Session): Promise<number> {
  const row = await session.get<{ generation: number }>("UPDATE holdfast_catalog SET generation = generation + 1 RETURNING generation");
  return row?.generation as number;
}

interface Publication {
  readonly on: readonly VolumeName[];
  readonly chunks: readonly NewChunk[];
}

async function publish(session: Session, intent: IntentId, object: ObjectId, { on, chunks }: Publication): Promise<ObjectId[]> {
  await requireIntent(session, intent);
  if (!(await isPinned(session, intent, object))) throw fenced(intent, `it does not hold object ${object}`);
  await session.run("UPDATE object SET state = 'present', published = true WHERE id = $1", object);
  await replaceReplicas(session, object, on);
  const holders = await indexChunks(session, object, chunks);
  const [gone] = await revive(session, holders);
  if (gone !== undefined) throw fault("CATALOG_CORRUPT", `the index has chunks in object ${gone}, which is not present`);
  await pinAll(session, intent, holders);
  return holders;
}

async function totals(session: Session) {
  const sql = `
    SELECT count(*) AS objects, coalesce(sum(bytes), 0)::bigint AS bytes, coalesce(sum(chunks), 0)::bigint AS chunks,
      coalesce(sum(raw_bytes), 0)::bigint AS "rawBytes"
    FROM object WHERE state IN ('present', 'condemned')`;
  return (await session.get(sql)) as Awaited<ReturnType<ObjectLedger["totals"]>>;
}

/** In the order of the ids given; those that are gone are left out. */
function objectsOf(session: Session, ids: readonly ObjectId[]): Promise<ObjectRow[]> {
  const sql = `
    SELECT ${objectColumns} FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
    JOIN object AS o ON o.id = asked.id JOIN domain AS d ON d.id = o.domain ORDER BY asked.place`;
  return selectObjects(session, sql, ids);
}

function objectsAfter(session: Session, after: ObjectId | undefined, states: readonly ObjectState[], limit: number): Promise<ObjectRow[]> {
  const sql = `SELECT ${objectColumns} FROM ${objectTables} WHERE o.id > $1 AND o.state = ANY ($2::text[]) ORDER BY o.id LIMIT $3`;
  return selectObjects(session, sql, after ?? 0, states, limit);
}
