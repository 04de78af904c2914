/** The catalog of a fleet: a schema in a PostgreSQL database, used by any number of processes of any number of machines at once. */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import type { OpenCatalogOptions } from "../catalog-driver.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { Engine } from "./engine.ts";
import { catalogFault, isInterrupted } from "./faults.ts";
import { type Identity, join } from "./join.ts";
import { Listener } from "./listener.ts";
import { lookAt, migrate, migrations, refuseStranger } from "./migrations.ts";
import { patiently } from "./patience.ts";
import { type PostgresPlace, parsePlace } from "./place.ts";
import { rolesOver } from "./roles.ts";
import type { Clock, Session, StatementLimits } from "./session.ts";
import { Sessions } from "./sessions.ts";

export interface PostgresOptions extends OpenCatalogOptions {
  /** How long a call waits for other writers, and for a database that is away, before it throws CATALOG_UNREACHABLE. */
  readonly waitMs?: number;
  /** Default: the database's. */
  readonly clock?: Clock;
  readonly limits?: StatementLimits;
}

const waitMsDefault = 30_000;
export const statementLimits: StatementLimits = { shortMs: 60_000, longMs: 20 * 60_000 };
/** Whoever has just typed the address of a database wants to hear soon that nobody is there; a restart is over by then. */
const openWaitMsMax = 10_000;

/**
 * Opens, and with `create` makes, the catalog in a schema. Throws CATALOG_UNREACHABLE when the database or the catalog in it is not there, ACCESS_DENIED,
 * CATALOG_CORRUPT, STORE_UNSUPPORTED (written by a newer Holdfast), CONFIG_INVALID (tables of something else, a URL or server that will not do).
 */
export async function openPostgresCatalog(url: string, world: World, options: PostgresOptions): Promise<Catalog> {
  const place = parsePlace(url);
  const { waitMs = waitMsDefault, clock = "database", limits = statementLimits } = options;
  const how: ConnectOptions = { place, world, clock, waitMs, limits };
  const closing = new AbortController();
  const patience = { world, waitMs: Math.min(waitMs, openWaitMsMax), closing: closing.signal, mayPass: isInterrupted };
  try {
    return await patiently(patience, async () => {
      const first = await connect(how, closing.signal, patience.waitMs);
      return catalogOver(how, await entered(first, how, options), first, closing);
    });
  } catch (error) {
    throw catalogFault(error, place.label);
  }
}

async function entered(first: Session, how: ConnectOptions, options: PostgresOptions): Promise<Identity> {
  try {
    await settle(first, how.place, how.world, options);
    return await join(first, how, undefined, new AbortController().signal);
  } catch (error) {
    await first.close();
    throw error;
  }
}

/** Until the catalog is there and has the schema that this code knows. */
async function settle(session: Session, place: PostgresPlace, world: World, { create, clusterId }: PostgresOptions): Promise<void> {
  const found = await lookAt(session, place);
  refuseStranger(found, place.label);
  if (found === migrations.length) return;
  if (typeof found !== "number" && !create)
    throw fault("CATALOG_UNREACHABLE", `there is no catalog in schema ${place.schema} of ${place.label}`, {
      advice: "Check the database and the schema in the settings; if the catalog was lost, run `holdfast rebuild`.",
    });
  await migrate(session, place, { clusterId: clusterId ?? world.id(), incarnation: world.id() });
}

function catalogOver(how: ConnectOptions, { clusterId, incarnation }: Identity, first: Session, closing: AbortController): Catalog {
  const { place, world, waitMs } = how;
  const connectAgain = async (): Promise<Session> => {
    const session = await connect(how, closing.signal);
    await join(session, how, incarnation, closing.signal);
    return session;
  };
  const sessions = new Sessions({ world, waitMs, count: place.connections, connect: connectAgain });
  sessions.add(first);
  const engine = new Engine({ label: place.label, world, waitMs, sessions, closing });
  const listener = new Listener({ world, incarnation, connect: connectAgain });
  return {
    ...rolesOver(engine),
    clusterId,
    transaction: (work) => engine.transaction((runner) => work(rolesOver(runner))),
    changed: (signal) => listener.heard(signal),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.all([engine.close(), listener[Symbol.asyncDispose]()]);
    },
  };
}
