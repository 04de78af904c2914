/** Rows of objects: made, read, and called back from condemnation. For the roles that deal in objects. */
import { digestFromBytes, digestToBytes } from "../../../core/digest.ts";
import { fault } from "../../../core/errors.ts";
import type { ObjectId, ObjectRow } from "../catalog.ts";
import type { Session, Value } from "./session.ts";

export const objectColumns = `o.id, o.kind, d.name AS domain, o.digest, o.generation, o.bytes, o.replicas_wanted AS "replicasWanted", o.state`;
export const objectTables = "object AS o JOIN domain AS d ON d.id = o.domain";

type StoredObject = Omit<ObjectRow, "digest"> & { readonly digest: Uint8Array };

/** Objects of a query that has `objectColumns`. */
export async function selectObjects(session: Session, sql: string, ...values: Value[]): Promise<ObjectRow[]> {
  return (await session.all<StoredObject>(sql, ...values)).map((row) => ({ ...row, digest: digestFromBytes(row.digest) }));
}

/** The domain gets its small number at first use. Not by ON CONFLICT, which would use up a number each time. */
const insert = `
WITH made AS (
  INSERT INTO domain (name) SELECT $2::text WHERE NOT EXISTS (SELECT 1 FROM domain WHERE name = $2) RETURNING id
), numbered AS (
  SELECT id FROM made UNION ALL SELECT id FROM domain WHERE name = $2
)
INSERT INTO object (kind, domain, digest, generation, bytes, replicas_wanted, state, published)
SELECT $1, numbered.id, $3, $4, $5, $6, $7, $8 FROM numbered RETURNING id`;

export async function insertObject(session: Session, object: Omit<ObjectRow, "id" | "state">, state: "reserved" | "present"): Promise<ObjectRow> {
  const { kind, domain, digest, generation, bytes, replicasWanted } = object;
  const values = [kind, domain, digestToBytes(digest), generation, bytes, replicasWanted, state, state === "present"];
  const row = await session.get<{ id: ObjectId }>(insert, ...values);
  return { id: row?.id as ObjectId, kind, domain, digest, generation, bytes, replicasWanted, state };
}

/** A data-modifying step of a statement is not seen by its other steps: what comes back is asked of the step itself. */
const reviveAll = `
WITH asked AS (
  SELECT DISTINCT id FROM unnest($1::bigint[]) AS a (id)
), back AS (
  UPDATE object SET state = 'present', condemned_at = NULL
  WHERE id IN (SELECT id FROM asked) AND state = 'condemned' AND published RETURNING id
)
SELECT asked.id FROM asked LEFT JOIN object AS o ON o.id = asked.id
WHERE (o.state = 'present') IS NOT TRUE AND asked.id NOT IN (SELECT id FROM back)`;

/**
 * Makes condemned objects present again. Returns those that are not present now: what was never published cannot come back, since nobody knows that its
 * bytes are anywhere.
 */
export async function revive(session: Session, objects: readonly ObjectId[]): Promise<ReadonlySet<ObjectId>> {
  if (objects.length === 0) return new Set();
  return new Set((await session.all<{ id: ObjectId }>(reviveAll, objects)).map((row) => row.id));
}

export async function requireObject(session: Session, object: ObjectId): Promise<void> {
  if (!(await session.get("SELECT 1 FROM object WHERE id = $1", object))) throw fault("OBJECT_MISSING", `the catalog has no object ${object}`);
}
