/** The end of a rebuild: the new catalog takes the place of the old one. */
import { rm } from "node:fs/promises";
import { fault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";

const scheme = "sqlite:";

/**
 * The closed catalog at the URL `fresh` becomes the one at `url`; the old one is kept, and where is returned. Throws CATALOG_UNREACHABLE while
 * another process has one of them open, and CONFIG_INVALID for catalogs that are no files.
 */
export async function swapCatalog(fresh: string, url: string, world: World): Promise<string | undefined> {
  if (!fresh.startsWith(scheme) || !url.startsWith(scheme))
    throw fault("CONFIG_INVALID", `only catalogs that are files can be swapped, not ${fresh} and ${url}`);
  const { swapSqliteCatalog } = await import("./sqlite/swap.ts");
  return await swapSqliteCatalog(fresh.slice(scheme.length), url.slice(scheme.length), world);
}

/** Removes a catalog that was not finished, or nothing. Throws CONFIG_INVALID for one that is no file. */
export async function discardCatalog(url: string): Promise<void> {
  if (!url.startsWith(scheme)) throw fault("CONFIG_INVALID", `only catalogs that are files can be discarded, not ${url}`);
  for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(url.slice(scheme.length) + suffix, { force: true });
}
