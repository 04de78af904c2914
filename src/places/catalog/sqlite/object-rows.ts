/** Rows of objects: made, read, and called back from condemnation. For the roles that deal in objects. */
import { digestFromBytes, digestToBytes } from "../../../core/digest.ts";
import { fault } from "../../../core/errors.ts";
import type { DomainName } from "../../../core/names.ts";
import type { ObjectId, ObjectRow, ObjectState } from "../catalog.ts";
import type { Session } from "./session.ts";

export const objectColumns = "o.id, o.kind, d.name AS domain, o.digest, o.generation, o.bytes, o.replicas_wanted AS replicasWanted, o.state";
export const objectTables = "object AS o JOIN domain AS d ON d.id = o.domain";

type StoredObject = Omit<ObjectRow, "digest"> & { readonly digest: Uint8Array };

/** Objects of a query that has `objectColumns`. */
export function selectObjects(session: Session, sql: string, ...values: (string | number)[]): ObjectRow[] {
  return session.all<StoredObject>(sql, ...values).map((row) => ({ ...row, digest: digestFromBytes(row.digest) }));
}

export function insertObject(session: Session, object: Omit<ObjectRow, "id" | "state">, state: "reserved" | "present"): ObjectRow {
  const { kind, domain, digest, generation, bytes, replicasWanted } = object;
  const id = session.get<{ id: ObjectId }>(
    "INSERT INTO object (kind, domain, digest, generation, bytes, replicas_wanted, state, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    ...[kind, domainNumber(session, domain), digestToBytes(digest), generation, bytes, replicasWanted, state, state === "present" ? 1 : 0],
  )?.id as ObjectId;
  return { id, kind, domain, digest, generation, bytes, replicasWanted, state };
}

/** The small number that stands for a domain in the rows, made at first use. */
function domainNumber(session: Session, domain: DomainName): number {
  session.run("INSERT OR IGNORE INTO domain (name) VALUES (?)", domain);
  return session.get<{ id: number }>("SELECT id FROM domain WHERE name = ?", domain)?.id as number;
}

/**
 * True when the object is present, or was condemned and is present again. What was never published cannot come back: nobody knows
 * that its bytes are anywhere.
 */
export function revive(session: Session, object: ObjectId): boolean {
  const row = session.get<{ state: ObjectState; published: number }>("SELECT state, published FROM object WHERE id = ?", object);
  if (row?.state === "present") return true;
  if (row?.state !== "condemned" || row.published === 0) return false;
  session.run("UPDATE object SET state = 'present', condemned_at = NULL WHERE id = ?", object);
  return true;
}

export function requireObject(session: Session, object: ObjectId): void {
  if (!session.get("SELECT 1 FROM object WHERE id = ?", object)) throw fault("OBJECT_MISSING", `the catalog has no object ${object}`);
}
