/** Puts a catalog that was rebuilt into the place of the one that it replaces: two schemas change their names in one transaction. */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { connect } from "./connect.ts";
import { statementLimits } from "./driver.ts";
import { catalogFault, isInterrupted } from "./faults.ts";
import { lockKey, lookAt, refuseOtherSchema, refuseStranger } from "./migrations.ts";
import { patiently } from "./patience.ts";
import { type PostgresPlace, parsePlace } from "./place.ts";
import type { Session } from "./session.ts";

const waitMsDefault = 5000;
const never = new AbortController().signal;

/** Work on a connection of its own that takes part in no catalog. */
export async function apart<T>(place: PostgresPlace, world: World, waitMs: number, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect({ place, world, clock: "database", waitMs, limits: statementLimits }, never);
  try {
    return await work(session);
  } catch (error) {
    throw isInterrupted(error) ? error : catalogFault(error, place.label);
  } finally {
    await session.close();
  }
}

/**
 * The catalog at `fresh`, which nobody has open, becomes the one at `url`. What was there is kept under another name, which is returned. Throws
 * CATALOG_UNREACHABLE while anybody has one of them open, and CONFIG_INVALID when they are not in one database or something else is there.
 */
export async function swapPostgresCatalog(fresh: string, url: string, world: World, waitMs = waitMsDefault): Promise<string | undefined> {
  const [from, to] = [parsePlace(fresh), parsePlace(url)];
  if (from.database !== to.database || from.schema === to.schema)
    throw fault("CONFIG_INVALID", `catalogs ${from.label} and ${to.label} are not two schemas of one database`);
  const incarnation = await apart(from, world, waitMs, (session) => incarnationOf(session, from)).catch((error) => toFault(error, from));
  const attempt = () => apart(to, world, waitMs, (session) => swapped(session, { from, to, incarnation, world, waitMs }));
  return patiently({ world, waitMs, closing: never, mayPass: isInterrupted }, attempt).catch((error) => toFault(error, to));
}

function toFault(error: unknown, { label }: PostgresPlace): never {
  throw catalogFault(error, label);
}

async function incarnationOf(session: Session, place: PostgresPlace): Promise<string | undefined> {
  const found = await lookAt(session, place);
  if (typeof found !== "number") throw fault("CATALOG_UNREACHABLE", `there is no catalog ${place.label} to put in place`);
  refuseOtherSchema(found, place.label);
  return currentIn(session, place.schema);
}

async function currentIn(session: Session, schema: string): Promise<string | undefined> {
  return (await session.script(`SELECT incarnation FROM "${schema}".holdfast_catalog`))[0]?.rows[0]?.incarnation as string | undefined;
}

interface Swap {
  readonly from: PostgresPlace;
  readonly to: PostgresPlace;
  readonly incarnation: string | undefined;
  readonly world: World;
  readonly waitMs: number;
}

async function swapped(session: Session, swap: Swap): Promise<string | undefined> {
  const { from, to, incarnation } = swap;
  await session.script("BEGIN");
  try {
    await lockBoth(session, swap);
    const found = await lookAt(session, to);
    refuseStranger(found, to.label);
    // The answer to an earlier attempt was lost, and it had succeeded.
    if (typeof found === "number" && (await currentIn(session, to.schema)) === incarnation) return await lastKept(session, to.schema);
    const kept = found === "nothing" ? undefined : await freeName(session, to.schema);
    if (kept !== undefined) await session.script(`ALTER SCHEMA "${to.schema}" RENAME TO "${kept}"`);
    await session.script(`ALTER SCHEMA "${from.schema}" RENAME TO "${to.schema}"`);
    await session.commit();
    return kept;
  } finally {
    await session.rollback();
  }
}

/** Every session that takes part in a catalog shares its lock. */
async function lockBoth(session: Session, { from, to, world, waitMs }: Swap): Promise<void> {
  for (const { schema, label } of [from, to]) {
    const inUse = fault("CATALOG_UNREACHABLE", `catalog ${label} is open in another process`, {
      advice: "End the other processes of this store, on every machine, then run it again.",
    });
    await patiently({ world, waitMs, closing: never, mayPass: (error) => error === inUse }, async () => {
      const [answer] = await session.script(`SELECT pg_try_advisory_xact_lock(${lockKey("open", schema)}) AS taken`);
      if (answer?.rows[0]?.taken !== true) throw inUse;
    });
  }
}

const keptNames = (schema: string): string => `${schema}_replaced_`;

async function keptNumbers(session: Session, schema: string): Promise<number[]> {
  const prefix = keptNames(schema);
  const rows = await session.all<{ name: string }>("SELECT nspname::text AS name FROM pg_namespace WHERE starts_with(nspname::text, $1)", prefix);
  return rows.map((row) => Number(row.name.slice(prefix.length))).filter(Number.isInteger);
}

async function freeName(session: Session, schema: string): Promise<string> {
  return `${keptNames(schema)}${Math.max(0, ...(await keptNumbers(session, schema))) + 1}`;
}

async function lastKept(session: Session, schema: string): Promise<string | undefined> {
  const numbers = await keptNumbers(session, schema);
  return numbers.length === 0 ? undefined : `${keptNames(schema)}${Math.max(...numbers)}`;
}

/** Removes the schema of a catalog that was not finished, or nothing. Throws CONFIG_INVALID where something else lies under its name. */
export async function discardPostgresCatalog(url: string, world: World): Promise<void> {
  const place = parsePlace(url);
  await apart(place, world, waitMsDefault, async (session) => {
    const found = await lookAt(session, place);
    refuseStranger(found, place.label, Number.POSITIVE_INFINITY);
    if (found !== "nothing") await session.script(`DROP SCHEMA "${place.schema}" CASCADE`);
  }).catch((error) => toFault(error, place));
}
