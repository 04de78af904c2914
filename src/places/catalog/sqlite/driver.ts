/** The catalog of an embedded store: one SQLite file in WAL mode, used by any number of processes of one machine at once. */
import { statSync } from "node:fs";
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { Catalog } from "../catalog.ts";
import { Engine } from "./engine.ts";
import { LogFile, LogSync } from "./log-sync.ts";
import { migrate, refuseStranger } from "./migrations.ts";
import { untilFree } from "./retry.ts";
import { rolesOver } from "./roles.ts";
import { Session, type SessionUse } from "./session.ts";

export interface SqliteOptions {
  /** Makes the file when it is not there. Its folder must be there. */
  readonly create: boolean;
  /** Of a new catalog: a rebuild takes the one that the volumes carry. Otherwise a new one is made. */
  readonly clusterId?: string;
  /** How long a call waits for other writers before it throws CATALOG_UNREACHABLE. */
  readonly waitMs?: number;
}

const waitMsDefault = 30_000;
/** SQLite tells nobody of a commit of another process; looking costs some microseconds. */
const lookEveryMs = 100;

/**
 * Opens, and with `create` makes, the catalog at a path. Throws CATALOG_UNREACHABLE when it is not there, ACCESS_DENIED, CATALOG_CORRUPT,
 * STORE_UNSUPPORTED (written by a newer Holdfast), CONFIG_INVALID (a database of something else).
 */
export async function openSqliteCatalog(path: string, world: World, options: SqliteOptions): Promise<Catalog> {
  const waitMs = options.waitMs ?? waitMsDefault;
  refuseAbsent(path, options.create);
  const sessions: Session[] = [];
  const open = async (use: SessionUse) => {
    const session = await untilFree(() => opened(path, world, use, options.clusterId ?? world.id()), path, world, waitMs);
    sessions.push(session);
    return session;
  };
  try {
    const [writer, reader] = [await open("write"), await open("read")];
    return await catalogOver(new Engine({ path, world, waitMs, writer, reader, log: new LogSync(path, new LogFile(path)) }), world);
  } catch (error) {
    for (const session of sessions) session.close();
    throw error;
  }
}

/** Without `create`, an empty file is not a new catalog but the remains of one. */
function refuseAbsent(path: string, create: boolean): void {
  if (create) return;
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined)
    throw fault("CATALOG_UNREACHABLE", `there is no catalog at ${path}`, {
      advice: "Check the path of the store; if the catalog was lost, run `holdfast rebuild`.",
    });
  if (bytes === 0) throw fault("CATALOG_CORRUPT", `catalog ${path} is empty`, { advice: "Run `holdfast rebuild`: it makes a new catalog from the volumes." });
}

function opened(path: string, world: World, use: SessionUse, clusterId: string): Session {
  const session = new Session(path, world, use);
  try {
    if (use === "write") {
      refuseStranger(session, path);
      session.exec("PRAGMA journal_mode = WAL");
    }
    session.configure();
    if (use === "write") {
      migrate(session, path, clusterId);
      session.leaveSyncing();
    }
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

async function catalogOver(engine: Engine, world: World): Promise<Catalog> {
  const clusterId = await engine.read((session) => session.get<{ cluster: string }>("SELECT cluster FROM meta")?.cluster);
  if (clusterId === undefined) throw fault("CATALOG_CORRUPT", "the catalog has no cluster id", { advice: "Run `holdfast rebuild`." });
  return {
    ...rolesOver(engine),
    clusterId,
    transaction: (work) => engine.transaction((runner) => work(rolesOver(runner))),
    changed: (signal) => world.sleep(lookEveryMs, signal),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
