/**
 * Brings a file to the schema that this code knows: one numbered step after the other, each in a transaction with its number, so that a
 * crash leaves the old schema or the new one. A file from a newer Holdfast is refused before anything is read.
 */
import { fault } from "../../../core/errors.ts";
import { schemaVersion1 } from "./schema.ts";
import type { Session } from "./session.ts";

/** Of the file header: says that the database is a catalog of Holdfast ("HFct"). */
const applicationId = 0x48466374;

/** `clusterId` is for the step that makes a new catalog. */
export type Migration = (session: Session, clusterId: string) => void;

/** Step n brings schema n to n + 1. Never change one that was released. */
const migrations: readonly Migration[] = [
  (session, clusterId) => {
    session.exec(schemaVersion1);
    session.run("INSERT INTO meta (one, cluster, clock, generation) VALUES (1, ?, 0, 0)", clusterId);
    session.exec(`PRAGMA application_id = ${applicationId}`);
  },
];

/** Changes nothing. Throws STORE_UNSUPPORTED for a newer schema and CONFIG_INVALID for a database of something else. */
export function refuseStranger(session: Session, path: string): void {
  refuseForeign(session, path);
  const at = schemaOf(session);
  if (at > migrations.length) throw newer(path, at, migrations.length);
}

export function migrate(session: Session, path: string, clusterId: string, steps: readonly Migration[] = migrations): void {
  while (schemaOf(session) !== steps.length) {
    session.begin();
    try {
      step(session, path, clusterId, steps);
      session.commit();
    } catch (error) {
      session.rollback();
      throw error;
    }
  }
}

/** The number is read again inside the transaction: another process may have been faster. */
function step(session: Session, path: string, clusterId: string, steps: readonly Migration[]): void {
  const at = schemaOf(session);
  if (at > steps.length) throw newer(path, at, steps.length);
  const next = steps[at];
  if (!next) return;
  next(session, clusterId);
  session.exec(`PRAGMA user_version = ${at + 1}`);
}

/** Asked in every write transaction: a newer Holdfast may have changed the tables under an older one that still runs. */
export function refuseOtherSchema(session: Session, path: string): void {
  const at = schemaOf(session);
  if (at !== migrations.length) throw newer(path, at, migrations.length);
}

export function schemaOf(session: Session): number {
  return session.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
}

function refuseForeign(session: Session, path: string): void {
  const id = session.get<{ application_id: number }>("PRAGMA application_id")?.application_id;
  if (id === applicationId) return;
  const tables = session.get<{ n: number }>("SELECT count(*) AS n FROM sqlite_schema")?.n ?? 0;
  if (id !== 0 || tables > 0)
    throw fault("CONFIG_INVALID", `${path} is a database of another program`, { advice: "Name another file as the catalog, or another store." });
}

function newer(path: string, at: number, known: number) {
  return fault("STORE_UNSUPPORTED", `catalog ${path} has schema ${at}; this Holdfast knows ${known}`, {
    advice: "Use the newest Holdfast that has worked with this store.",
  });
}
