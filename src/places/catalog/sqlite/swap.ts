/** Puts a catalog that was rebuilt into the place of the one that it replaces. */
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fault, isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { refuseOtherSchema } from "./migrations.ts";
import { untilFree } from "./retry.ts";
import { Session } from "./session.ts";

const waitMsDefault = 5000;
const magic = "SQLite format 3\0";

/**
 * The catalog at `fresh`, closed, becomes the one at `path`. What was there is kept beside it; its new path is returned. Throws
 * CATALOG_UNREACHABLE while another process has one of them open: SQLite removes files by name when it closes, so a process that went on
 * with the old file would take away the journal of the new one (sqlite.org/howtocorrupt.html, 1.4).
 */
export async function swapSqliteCatalog(fresh: string, path: string, world: World, waitMs = waitMsDefault): Promise<string | undefined> {
  await checkFresh(fresh, world, waitMs);
  const old = await lockedOld(path, world, waitMs);
  try {
    const kept = await putAside(path);
    await rename(fresh, path);
    await syncFolder(dirname(path));
    return kept;
  } finally {
    old?.close();
  }
}

async function checkFresh(path: string, world: World, waitMs: number): Promise<void> {
  if (!existsSync(path)) throw fault("CATALOG_UNREACHABLE", `there is no catalog at ${path} to put in place`);
  const session = await lockedAlone(path, world, waitMs);
  try {
    refuseOtherSchema(session, path);
  } finally {
    session.close();
  }
}

/** Undefined for what is absent, or too damaged for anyone to have it open. */
async function lockedOld(path: string, world: World, waitMs: number): Promise<Session | undefined> {
  if (!existsSync(path) || !(await isDatabase(path))) return undefined;
  try {
    return await lockedAlone(path, world, waitMs);
  } catch (error) {
    if (isFault(error, "CATALOG_CORRUPT")) return undefined;
    throw error;
  }
}

/** Asked before SQLite is: it throws away the journal of what it does not know. */
async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return bytesRead === magic.length && buffer.toString("latin1") === magic;
  } finally {
    await file.close();
  }
}

/** A connection that nobody shares, with the journal brought into the file. */
async function lockedAlone(path: string, world: World, waitMs: number): Promise<Session> {
  const session = new Session(path, world, "write");
  try {
    await untilFree(() => session.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT"), path, world, waitMs);
    return session;
  } catch (error) {
    session.close();
    throw isFault(error, "CATALOG_UNREACHABLE") ? inUse(path, error) : error;
  }
}

function inUse(path: string, cause: unknown) {
  return fault("CATALOG_UNREACHABLE", `catalog ${path} is open in another process`, {
    cause,
    advice: "End the other processes of this store, then run it again.",
  });
}

/** The file first: without it there is no catalog, which everyone notices; a file without its journal would pass for an older one. */
async function putAside(path: string): Promise<string | undefined> {
  const suffixes = ["", "-wal"].filter((suffix) => existsSync(path + suffix));
  await rm(`${path}-shm`, { force: true });
  if (suffixes.length === 0) return undefined;
  const kept = freePath(path);
  for (const suffix of suffixes) await rename(path + suffix, kept + suffix);
  return kept;
}

function freePath(path: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${path}.replaced-${n}`) && !existsSync(`${path}.replaced-${n}-wal`)) return `${path}.replaced-${n}`;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
