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
  garbage: () => runner.read(garbage),
  condemn: () => runner.write(condemn),
  claim: (holdMs, limit) => runner.write((session) => claim(session, holdMs, limit)),
  forget: (object, generation) => runner.write((session) => forget(session, object, generation)),
});

/**
 * Versions that a ref, or a pin whose lease goes on, reaches. Takes the time as ?1. CROSS JOIN is SQLite's word for "in this order": from
 * the few refs and pins to their versions, never through all versions.
 */
const live = `
WITH RECURSIVE live (row) AS (
  SELECT v.row FROM ref AS r CROSS JOIN version AS v ON v.model = r.model AND v.id = r.version
  UNION
  SELECT p.version FROM version_pin AS p CROSS JOIN intent AS i ON i.id = p.intent WHERE i.expires_at > ?1
  UNION
  SELECT above.row FROM live CROSS JOIN version AS below ON below.row = live.row
    CROSS JOIN version AS above ON above.model = below.model AND above.id = below.parent
)`;

/** Objects of the ref log are what a rebuild replays. One that was never published holds nothing. */
const kept = "(o.kind = 'reflog' AND o.published = 1)";

function garbage(session: Session): { garbage: Garbage; stored: Garbage } {
  // The plus keeps SQLite from trying every live version for every object.
  const needed = "EXISTS (SELECT 1 FROM need AS n WHERE n.object = o.id AND +n.version IN (SELECT row FROM live))";
  const pinned = "EXISTS (SELECT 1 FROM pin AS p JOIN intent AS i ON i.id = p.intent WHERE p.object = o.id AND i.expires_at > ?1)";
  const sql = `${live}
    SELECT count(*) AS objects, coalesce(sum(o.bytes), 0) AS bytes FROM object AS o
    WHERE o.state = 'deleting' OR NOT (${kept} OR ${needed} OR ${pinned})`;
  const stored = session.get<Garbage>("SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes FROM object");
  return { garbage: { ...(session.get<Garbage>(sql, session.now()) as Garbage) }, stored: { ...(stored as Garbage) } };
}

/** Of the objects `o`, those that nothing needs, once dead versions and ended intents are out of the tables. */
const unneeded = `NOT ${kept} AND NOT EXISTS (SELECT 1 FROM need AS n WHERE n.object = o.id) AND NOT EXISTS (SELECT 1 FROM pin AS p WHERE p.object = o.id)`;

function condemn(session: Session): Garbage {
  const now = session.now();
  session.run("DELETE FROM intent WHERE expires_at <= ?", now);
  session.run(`${live} DELETE FROM version WHERE row NOT IN (SELECT row FROM live)`, now);
  const sql = `
    UPDATE object AS o SET state = 'condemned', condemned_at = ? WHERE o.state IN ('reserved', 'present') AND ${unneeded}
    RETURNING bytes`;
  const rows = session.all<{ bytes: number }>(sql, now);
  return { objects: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) };
}

/** Never more than `limit` are on their way out, so that a volume that cannot delete does not let them pile up. */
function claim(session: Session, holdMs: number, limit: number): ObjectRow[] {
  const leaving = session.get<{ n: number }>("SELECT count(*) AS n FROM object WHERE state = 'deleting'")?.n as number;
  const sql = `
    SELECT o.id FROM object AS o WHERE o.state = 'condemned' AND o.condemned_at <= ? AND ${unneeded} ORDER BY o.condemned_at LIMIT ?`;
  for (const { id } of session.all<{ id: ObjectId }>(sql, session.now() - holdMs, Math.max(0, limit - leaving))) {
    session.run("UPDATE object SET state = 'deleting', condemned_at = NULL WHERE id = ?", id);
    dropChunks(session, id);
  }
  return selectObjects(session, `SELECT ${objectColumns} FROM ${objectTables} WHERE o.state = 'deleting' ORDER BY o.id LIMIT ?`, limit);
}

function forget(session: Session, object: ObjectId, generation: number): void {
  session.run("DELETE FROM object WHERE id = ? AND generation = ? AND state = 'deleting'", object, generation);
}
