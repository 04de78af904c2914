/**
 * What nothing needs any more: condemned, held, claimed, forgotten. Each step looks again in its own transaction, so that any number of
 * collectors, also one that slept in between, do no more than waste work.
 */
import type { Collector, Garbage, ObjectId, ObjectRow } from "../catalog.ts";
import { dropChunks } from "./chunks.ts";
import type { Runner } from "./engine.ts";
import { objectColumns, objectTables, selectObjects } from "./object-rows.ts";
import type { Session } from "./session.ts";

export const collector = (runner: Runner): Collector => ({
  garbage: () => runner.read((session) => session.long(() => garbage(session))),
  condemn: () => runner.write((session) => session.long(() => condemn(session))),
  claim: (holdMs, limit) => runner.write((session) => session.long(() => claim(session, holdMs, limit))),
  forget: (object, generation) => runner.write((session) => forget(session, object, generation)),
});

/** Versions that a ref, or a pin whose lease goes on, reaches. Takes the time as $1. */
const live = `
WITH RECURSIVE live (number) AS (
  (SELECT v.number FROM ref AS r JOIN version AS v ON v.model = r.model AND v.id = r.version
   UNION
   SELECT p.version FROM version_pin AS p JOIN intent AS i ON i.id = p.intent WHERE i.expires_at > $1)
  UNION
  SELECT above.number FROM live JOIN version AS below ON below.number = live.number
    JOIN version AS above ON above.model = below.model AND above.id = below.parent
)`;

/** Objects of the ref log are what a rebuild replays. One that was never published holds nothing. */
const kept = "(o.kind = 'reflog' AND o.published)";

async function garbage(session: Session): Promise<{ garbage: Garbage; stored: Garbage }> {
  const needed = "o.id IN (SELECT n.object FROM need AS n JOIN live ON live.number = n.version)";
  const pinned = "o.id IN (SELECT p.object FROM pin AS p JOIN intent AS i ON i.id = p.intent WHERE i.expires_at > $1)";
  const sql = `${live}
    SELECT count(*) AS objects, coalesce(sum(o.bytes), 0)::bigint AS bytes,
      count(*) FILTER (WHERE o.dead) AS "deadObjects", coalesce(sum(o.bytes) FILTER (WHERE o.dead), 0)::bigint AS "deadBytes"
    FROM (SELECT o.bytes, o.state = 'deleting' OR NOT (${kept} OR ${needed} OR ${pinned}) AS dead FROM object AS o) AS o`;
  const sum = (await session.get(sql, await session.now())) as Garbage & { deadObjects: number; deadBytes: number };
  return { garbage: { objects: sum.deadObjects, bytes: sum.deadBytes }, stored: { objects: sum.objects, bytes: sum.bytes } };
}

/** Of the objects `o`, those that nothing needs, once dead versions and ended intents are out of the tables. */
const unneeded = `NOT ${kept} AND NOT EXISTS (SELECT 1 FROM need AS n WHERE n.object = o.id) AND NOT EXISTS (SELECT 1 FROM pin AS p WHERE p.object = o.id)`;

async function condemn(session: Session): Promise<Garbage> {
  const now = await session.now();
  await session.run("DELETE FROM intent WHERE expires_at <= $1", now);
  await session.run(`${live} DELETE FROM version WHERE number NOT IN (SELECT number FROM live)`, now);
  const sql = `
    WITH condemned AS (
      UPDATE object AS o SET state = 'condemned', condemned_at = $1 WHERE o.state IN ('reserved', 'present') AND ${unneeded} RETURNING o.bytes
    )
    SELECT count(*) AS objects, coalesce(sum(bytes), 0)::bigint AS bytes FROM condemned`;
  return (await session.get<Garbage>(sql, now)) as Garbage;
}

/** Never more than `limit` are on their way out, so that a volume that cannot delete does not let them pile up. */
async function claim(session: Session, holdMs: number, limit: number): Promise<ObjectRow[]> {
  const leaving = (await session.get<{ n: number }>("SELECT count(*) AS n FROM object WHERE state = 'deleting'"))?.n as number;
  const sql = `
    UPDATE object SET state = 'deleting', condemned_at = NULL WHERE id IN (
      SELECT o.id FROM object AS o WHERE o.state = 'condemned' AND o.condemned_at <= $1 AND ${unneeded} ORDER BY o.condemned_at LIMIT $2
    ) RETURNING id`;
  const claimed = await session.all<{ id: ObjectId }>(sql, (await session.now()) - holdMs, Math.max(0, limit - leaving));
  await dropChunks(
    session,
    claimed.map((row) => row.id),
  );
  return selectObjects(session, `SELECT ${objectColumns} FROM ${objectTables} WHERE o.state = 'deleting' ORDER BY o.id LIMIT $1`, limit);
}

async function forget(session: Session, object: ObjectId, generation: number): Promise<void> {
  await session.run("DELETE FROM object WHERE id = $1 AND generation = $2 AND state = 'deleting'", object, generation);
}
