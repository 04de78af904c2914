/**
 * Brings a catalog to the schema that this code knows: one numbered step after the other, all of them in one transaction under a lock of their own,
 * so that of many that come at once one does it. A catalog from a newer Holdfast is refused before anything is read.
 */
import { fault, type HoldfastError } from "../../../core/errors.ts";
import type { PostgresPlace } from "./place.ts";
import { schemaVersion1 } from "./schema.ts";
import type { Session } from "./session.ts";

/** What a new catalog is called by. */
export interface NewCatalog {
  readonly clusterId: string;
  readonly incarnation: string;
}

export type Migration = (session: Session, made: NewCatalog) => Promise<unknown>;

/** Step n brings schema n to n + 1. Never change one that was released. */
export const migrations: readonly Migration[] = [
  async (session, { clusterId, incarnation }) => {
    await session.script(schemaVersion1);
    await session.run("INSERT INTO holdfast_catalog (schema, cluster, incarnation, clock, generation) VALUES (0, $1, $2, 0, 0)", ...[clusterId, incarnation]);
  },
];

/** What lies under the name of the schema. `foreign`: tables of something else. */
export type Found = number | "nothing" | "empty" | "foreign";

export async function lookAt(session: Session, { schema }: Pick<PostgresPlace, "schema">): Promise<Found> {
  const row = await session.get<{ named: boolean; used: boolean; ours: boolean }>(
    `SELECT s.oid IS NOT NULL AS named, EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = s.oid) AS used,
       EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = s.oid AND relname = 'holdfast_catalog') AS ours
     FROM (SELECT to_regnamespace($1)::oid AS oid) AS s`,
    `"${schema}"`,
  );
  if (!row?.named) return "nothing";
  if (!row.ours) return row.used ? "foreign" : "empty";
  const found = await session.script(`SELECT schema FROM "${schema}".holdfast_catalog`);
  return (found[0]?.rows[0]?.schema as number | undefined) ?? "foreign";
}

/** Throws STORE_UNSUPPORTED for a newer schema and CONFIG_INVALID for the tables of something else. */
export function refuseStranger(found: Found, label: string, known = migrations.length): void {
  if (found === "foreign")
    throw fault("CONFIG_INVALID", `the schema of catalog ${label} has tables of another program`, { advice: "Name another with ?schema=NAME." });
  if (typeof found === "number" && found > known) throw newer(label, found, known);
}

export async function migrate(session: Session, place: PostgresPlace, made: NewCatalog, steps: readonly Migration[] = migrations): Promise<void> {
  await session.script(`BEGIN; SELECT pg_advisory_xact_lock(${lockKey("migration", place.schema)})`);
  try {
    const found = await lookAt(session, place);
    refuseStranger(found, place.label, steps.length);
    if (found === "nothing") await session.script(`CREATE SCHEMA "${place.schema}"`);
    await climb(session, typeof found === "number" ? found : 0, made, steps);
    await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

async function climb(session: Session, from: number, made: NewCatalog, steps: readonly Migration[]): Promise<void> {
  for (const [at, step] of steps.entries()) {
    if (at < from) continue;
    await step(session, made);
    await session.run("UPDATE holdfast_catalog SET schema = $1", at + 1);
  }
}

/** Asked in every write transaction: a newer Holdfast may have changed the tables under an older one that still runs. */
export function refuseOtherSchema(at: number | undefined, label: string): void {
  if (at === undefined) throw fault("CATALOG_CORRUPT", `catalog ${label} has lost its row`, { advice: "Run `holdfast rebuild`." });
  if (at !== migrations.length) throw newer(label, at, migrations.length);
}

/** An advisory lock of the database that stands for something about a schema, as SQL. */
export function lockKey(what: "migration" | "open", schema: string): string {
  return `hashtextextended('holdfast ${what} ${schema}', 0)`;
}

function newer(label: string, at: number, known: number): HoldfastError {
  return fault("STORE_UNSUPPORTED", `catalog ${label} has schema ${at}; this Holdfast knows ${known}`, {
    advice: "Use the newest Holdfast that has worked with this store.",
  });
}
