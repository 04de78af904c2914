/** A session takes part in a catalog: while anybody does, nobody puts another one into its place. */
import { fault } from "../../../core/errors.ts";
import type { ConnectOptions } from "./connect.ts";
import { catalogFault, isInterrupted } from "./faults.ts";
import { lockKey } from "./migrations.ts";
import { patiently } from "./patience.ts";
import type { Session } from "./session.ts";

export interface Identity {
  readonly clusterId: string;
  /** Of this catalog: one that was rebuilt under the same name has another. */
  readonly incarnation: string;
}

/**
 * Shares the lock that a swap takes alone, for as long as the connection lasts, and returns whose catalog it is. Closes the session when it fails. Throws an interruption
 * as it is, and CATALOG_UNREACHABLE when the catalog is another than the one that was opened: numbers of rows that were read before mean other rows there.
 */
export async function join(session: Session, how: ConnectOptions, expected: string | undefined, closing: AbortSignal): Promise<Identity> {
  const { world, waitMs, place } = how;
  try {
    const swapping = (error: unknown): boolean => error === busy;
    const busy = fault("CATALOG_UNREACHABLE", `catalog ${place.label} is being replaced by a rebuild`, { advice: "Try again when it has ended." });
    await patiently({ world, waitMs, closing, mayPass: swapping }, async () => {
      if (!(await shareLock(session, place.schema))) throw busy;
    });
    return await identityOf(session, place.label, expected);
  } catch (error) {
    await session.close();
    throw isInterrupted(error) ? error : catalogFault(error, place.label);
  }
}

async function shareLock(session: Session, schema: string): Promise<boolean> {
  const [answer] = await session.script(`SELECT pg_try_advisory_lock_shared(${lockKey("open", schema)}) AS taken`);
  return answer?.rows[0]?.taken === true;
}

async function identityOf(session: Session, label: string, expected: string | undefined): Promise<Identity> {
  const row = await session.get<{ cluster: string; incarnation: string }>("SELECT cluster, incarnation FROM holdfast_catalog");
  if (!row) throw fault("CATALOG_CORRUPT", `catalog ${label} has lost its row`, { advice: "Run `holdfast rebuild`." });
  if (expected !== undefined && row.incarnation !== expected)
    throw fault("CATALOG_UNREACHABLE", `catalog ${label} was replaced while it was open`, { advice: "Open the store again." });
  return { clusterId: row.cluster, incarnation: row.incarnation };
}
